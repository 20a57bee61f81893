/** The README of a new project. */
export function readmeText(name: string): string {
  return `# ${name}

A cache provider for [Gestalt](https://github.com/valon-technologies/gestalt).

    npm install
    npm test               # the contract, in process
    npm run conformance    # the contract, as gestaltd starts it

- \`src/provider.ts\` is the provider: four operations, from which the rest is derived.
- \`src/main.ts\` serves it to the host.
- \`manifest.yaml\`, \`cache_config.json\` (the schema of its configuration) and \`icon.svg\`
  make it a package that gestaltd accepts. Change \`source\` in the manifest to where it
  will be published.
- \`manifest.before-v8.yaml\` is the manifest for hosts before June 2026, which refuse the
  commands in the other one.

To try it, point a host's configuration at the manifest (\`gestaltd.config/v8\`):

    providers:
      cache:
        session:
          source:
            path: ./${name}/manifest.yaml
`;
}
