import { VisitCounter } from "./visit-counter.js";

const counter = new VisitCounter();
for (const visitor of process.argv.slice(2)) {
  const visits = await counter.visit(visitor);
  console.log(visits === 1 ? `Welcome, ${visitor}!` : `Welcome back, ${visitor}: visit ${visits}.`);
}
