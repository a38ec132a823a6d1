/** Carries out a command: `params` is any JSON value. */
export type CommandHandler = (
  params: unknown,
  command: { readonly id: string; readonly name: string },
) => unknown;

/** Answers that are remembered: the daemon may repeat a command under its id. */
const REMEMBERED = 256;

/** Carries out the commands that the daemon passes on, each once. */
export class Commands {
  readonly #handlers = new Map<string, CommandHandler>();
  readonly #answers = new Map<string, Promise<object>>();

  on(name: string, handler: CommandHandler): void {
    this.#handlers.set(name, handler);
  }

  /** Runs the command in `message`, and gives its reply to `send`. */
  async run(message: Readonly<Record<string, unknown>>, send: (reply: object) => void): Promise<void> {
    const { id, command, params } = message;
    if (typeof id !== 'string' || typeof command !== 'string') return;
    const known = this.#answers.get(id);
    const answer = known ?? this.#answer({ id, name: command }, params);
    if (!known) this.#remember(id, answer);
    send({ type: 'reply', id, ...(await answer) });
  }

  async #answer(command: { id: string; name: string }, params: unknown): Promise<object> {
    const handler = this.#handlers.get(command.name) ?? this.#handlers.get('*');
    if (!handler) return { ok: false, error: `no such command: ${command.name}` };
    try {
      return { ok: true, body: (await handler(params, command)) ?? null };
    } catch (error) {
      return { ok: false, error: error instanceof Error ? error.message : String(error) };
    }
  }

  #remember(id: string, answer: Promise<object>): void {
    this.#answers.set(id, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > REMEMBERED) this.#answers.delete(oldest!);
  }
}
