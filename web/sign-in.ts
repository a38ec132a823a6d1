/** Asks for a token when the daemon wants one, and has it put into a cookie that no script can read. */
export class SignIn {
  readonly #base: string;
  readonly #dialog: HTMLDialogElement;
  readonly #input: HTMLInputElement;
  readonly #note: HTMLElement;

  constructor(options: {
    base: string;
    dialog: HTMLDialogElement;
    form: HTMLFormElement;
    input: HTMLInputElement;
    note: HTMLElement;
  }) {
    this.#base = options.base;
    this.#dialog = options.dialog;
    this.#input = options.input;
    this.#note = options.note;
    options.form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#send();
    });
  }

  ask(): void {
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  async #send(): Promise<void> {
    const token = this.#input.value.trim();
    const reply = await fetch(`${this.#base}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    }).catch(() => undefined);
    if (reply?.ok) {
      // From the start: what asked without the cookie waits for its next attempt.
      location.reload();
      return;
    }
    this.#note.textContent =
      reply && reply.status < 500 ? 'The daemon does not take this token.' : 'The daemon does not answer.';
    this.#input.select();
  }
}
