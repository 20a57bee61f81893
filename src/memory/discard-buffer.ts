/**
 * Releases the memory of an ArrayBuffer that nothing refers to any more. Left to the garbage
 * collector, a buffer that has become old stays resident until V8 collects its whole heap,
 * which it puts off until 32 MiB of such buffers have gathered.
 */
export function discardBuffer(buffer: ArrayBuffer): void {
  if (typeof buffer.transfer === "function") buffer.transfer(0);
  // Node 20: the clone takes the memory and is collected young.
  else structuredClone(buffer, { transfer: [buffer] });
}
