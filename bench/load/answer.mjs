/** Answers the bench's questions with these functions, and ends with the bench. */
export function answer(methods) {
  process.on('message', async ({ id, method, argument }) => {
    try {
      process.send({ id, value: await methods[method](argument) });
    } catch (error) {
      process.send({ id, error: error.stack });
    }
  });
  process.on('disconnect', () => process.exit());
}
