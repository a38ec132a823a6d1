// What came of a run of test files.

/** More files than these do not fail by chance. */
const CHANCES = 4;

/** Of each file what came of its last run, as `runTestFile` tells it. */
export class TestResults {
  #last = new Map();
  #failedOnce = new Set();

  add(result) {
    this.#last.set(result.file, result);
    if (result.failures.length > 0) this.#failedOnce.add(result.file);
  }

  /** The files to run once more: of thousands of tests on real clocks and processes, one fails by chance on a busy machine. */
  get again() {
    return this.#failedOnce.size <= CHANCES ? [...this.#failedOnce] : [];
  }

  get failed() {
    return this.#sum(({ failures }) => failures.length);
  }

  /** The last lines of a run. */
  get summary() {
    const byChance = [...this.#failedOnce].filter((file) => this.#last.get(file).failures.length === 0);
    const passed = this.#sum((result) => result.passed);
    const skipped = this.#sum((result) => result.skipped);
    return [
      ...byChance.map((file) => `Failed once and passed once, which is a fault to mend: ${file}`),
      `${passed} passed, ${this.failed} failed, ${skipped} skipped`,
    ].join('\n');
  }

  #sum(count) {
    return [...this.#last.values()].reduce((all, result) => all + count(result), 0);
  }
}
