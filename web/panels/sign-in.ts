import { rememberToken } from './curl.ts';

export interface SignInOptions {
  readonly base: string;
  readonly dialog: HTMLDialogElement;
  readonly form: HTMLFormElement;
  readonly input: HTMLInputElement;
  readonly error: HTMLElement;
}

/** Asks for a token when the daemon requires one. The daemon puts it into a cookie that no script can read. */
export class SignIn {
  readonly #options: SignInOptions;

  constructor(options: SignInOptions) {
    this.#options = options;
    options.form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#send();
    });
  }

  ask(): void {
    rememberToken();
    if (!this.#options.dialog.open) this.#options.dialog.showModal();
  }

  async #send(): Promise<void> {
    const token = this.#options.input.value.trim();
    const reply = await fetch(`${this.#options.base}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    }).catch(() => undefined);
    if (reply?.ok) {
      // Reloads the page, because requests that failed without the cookie wait for their next attempt.
      location.reload();
      return;
    }
    this.#options.error.textContent =
      reply && reply.status < 500 ? 'The daemon does not take this token.' : 'The daemon does not answer.';
    this.#options.input.select();
  }
}
