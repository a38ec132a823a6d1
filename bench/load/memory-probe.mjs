// Loaded into the daemon before its own code: says what it holds after a full collection.
process.on('message', ({ id }) => {
  globalThis.gc();
  globalThis.gc();
  process.send({ id, value: process.memoryUsage() });
});
process.channel?.unref();
