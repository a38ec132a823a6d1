interface Reload {
  readonly waitsFor: Set<number>;
  readonly done: () => void;
}

/** Reloads of the configuration in all workers, each done when every worker it was sent to has answered, or has ended. */
export class Reloads {
  readonly #running = new Map<number, Reload>();
  #lastId = 0;

  /** Sends it to `workers` by `send`. Resolves when it is done. */
  async begin(workers: readonly number[], send: (worker: number, id: number) => void): Promise<void> {
    const id = ++this.#lastId;
    await new Promise<void>((done) => {
      this.#running.set(id, { waitsFor: new Set(workers), done });
      for (const worker of workers) send(worker, id);
      this.#endIfDone(id);
    });
  }

  answered(worker: number, id: number): void {
    this.#running.get(id)?.waitsFor.delete(worker);
    this.#endIfDone(id);
  }

  /** That worker has ended: the one that takes its place reads the configuration anew. */
  ended(worker: number): void {
    for (const id of [...this.#running.keys()]) this.answered(worker, id);
  }

  #endIfDone(id: number): void {
    const reload = this.#running.get(id);
    if (!reload || reload.waitsFor.size > 0) return;
    this.#running.delete(id);
    reload.done();
  }
}
