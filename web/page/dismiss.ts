/** What is open on the page. Escape closes what was opened last, one thing at a time. */
export class DismissStack {
  #open: { readonly close: () => void }[] = [];

  /** Something was opened, which `close` closes. Returns what to call when it closes in another way. */
  opened(close: () => void): () => void {
    const entry = { close };
    this.#open.push(entry);
    return () => {
      this.#open = this.#open.filter((other) => other !== entry);
    };
  }

  /** Closes what was opened last. Returns false when nothing is open. */
  dismiss(): boolean {
    const last = this.#open.pop();
    last?.close();
    return last !== undefined;
  }
}
