import { element, write } from '../page/dom.ts';
import { JSON_FIELD, paramsOf } from './command-params.ts';
import type { CommandList, CommandRunner, KnownCommand, Outcome } from './command-runner.ts';
import { note, say } from './details.ts';

let forms = 0;

/** A form for the commands of a compositor, and what it answered. */
export class CommandForm {
  readonly root = element('form', 'command');
  readonly #runner: CommandRunner;
  readonly #id: string;
  readonly #name = element('input');
  readonly #choice = element('select');
  readonly #fields = element('div', 'command-fields');
  readonly #json = element('textarea');
  readonly #token = element('input');
  readonly #tokenField: HTMLElement;
  readonly #run = element('button', 'action main', 'Run');
  readonly #problem = note('command-problem');
  readonly #answer = element('div', 'command-answer');
  readonly #number = ++forms;
  #list: CommandList = { commands: [], others: true };
  #inputs = new Map<string, HTMLInputElement>();

  constructor(runner: CommandRunner, id: string) {
    this.#runner = runner;
    this.#id = id;
    this.#name.maxLength = 128;
    this.#name.required = true;
    this.#json.rows = 2;
    this.#json.spellcheck = false;
    this.#token.type = 'password';
    this.#token.autocomplete = 'off';
    this.#tokenField = this.#field('Token', this.#token, 'It is kept until this page is closed.');
    this.#tokenField.hidden = true;
    this.#problem.setAttribute('role', 'alert');
    this.#answer.setAttribute('aria-live', 'polite');
    this.#choice.addEventListener('change', () => this.#choose());
    this.root.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#submit();
    });
    this.show(this.#list);
  }

  /** Shows these commands. What is typed stays, as long as the commands are the same. */
  show(list: CommandList): void {
    this.#list = list;
    this.#choice.replaceChildren(...list.commands.map(({ name }) => new Option(name, name)));
    const name = list.others ? this.#field('Command', this.#name) : this.#field('Command', this.#choice);
    this.root.replaceChildren(
      name,
      this.#fields,
      this.#field('Parameters, as JSON', this.#json),
      this.#tokenField,
      this.#problem,
      this.#run,
      this.#answer,
    );
    this.#choose();
  }

  get #chosen(): KnownCommand | undefined {
    return this.#list.commands.find(({ name }) => name === this.#choice.value);
  }

  #choose(): void {
    const params = this.#list.others ? [] : (this.#chosen?.params ?? []);
    this.#inputs = new Map(params.map((name) => [name, element('input')]));
    this.#fields.replaceChildren(...[...this.#inputs].map(([name, input]) => this.#field(name, input)));
    say(this.#problem, undefined);
  }

  #field(label: string, input: HTMLElement, hint = ''): HTMLElement {
    const root = element('label', 'field');
    input.id = `command-${this.#number}-${label.toLowerCase().replaceAll(/\W+/g, '-')}`;
    root.htmlFor = input.id;
    root.append(element('span', '', label), input);
    if (hint !== '') root.append(element('span', 'details-note', hint));
    return root;
  }

  async #submit(): Promise<void> {
    const command = this.#list.others ? this.#name.value.trim() : this.#choice.value;
    const fields = new Map([...this.#inputs].map(([name, input]) => [name, input.value]));
    const made = paramsOf(fields, this.#json.value);
    if (!('params' in made)) {
      const input = made.field === JSON_FIELD ? this.#json : this.#inputs.get(made.field)!;
      say(this.#problem, `${made.field === JSON_FIELD ? 'The JSON' : made.field} ${made.problem}`);
      input.focus();
      return;
    }
    if (!this.#tokenField.hidden && this.#token.value.trim() !== '')
      this.#runner.token = this.#token.value.trim();
    this.#run.disabled = true;
    write(this.#run, 'Running …');
    say(this.#problem, undefined);
    const outcome = await this.#runner.run(this.#id, command, made.params);
    this.#run.disabled = false;
    write(this.#run, 'Run');
    this.#show(outcome);
  }

  #show(outcome: Outcome): void {
    const denied = outcome.kind === 'denied';
    this.#tokenField.hidden = !denied;
    this.#token.value = '';
    say(this.#problem, outcome.kind === 'done' ? undefined : outcome.problem);
    this.#answer.replaceChildren();
    if (denied) return this.#token.focus();
    if (outcome.kind === 'done')
      this.#answer.append(element('p', 'command-done', `Done in ${tookText(outcome.took)}`));
    if (outcome.answer !== undefined && outcome.answer !== null)
      this.#answer.append(element('pre', '', JSON.stringify(outcome.answer, null, 2)));
  }
}

function tookText(seconds: number): string {
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;
}
