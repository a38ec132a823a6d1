import type { Compositor } from '../../src/client/client.ts';
import { button, element, plural, write } from '../page/dom.ts';
import { CommandForm } from './command-form.ts';
import type { CommandList } from './command-runner.ts';
import { CommitList } from './commit-list.ts';
import { conditionOf, connectionText, endpointOf } from './compositor-words.ts';
import type { DetailsContext } from './context.ts';
import type { CompositorWithHealth } from './details-api.ts';
import { note, say, section, type DetailView, type Heading } from './details.ts';
import { Facts } from './facts.ts';
import { infoRows, labelsText } from './info-rows.ts';
import { chipOf } from './owner-button.ts';
import { Poll } from './poll.ts';
import { durationOf, momentOf } from './times.ts';

/** Milliseconds between two readings of lease and health, and of the commands. */
const DETAIL_INTERVAL = 2000;
const COMMANDS_INTERVAL = 15_000;

/** A compositor: how it is and why, what it says of itself, what it can be told, and what it did last. */
export class CompositorView implements DetailView {
  readonly body = element('div');
  readonly #context: DetailsContext;
  readonly #heading: Heading;
  readonly #id: string;
  readonly #condition = element('p', 'condition');
  readonly #why = note();
  readonly #facts = new Facts();
  readonly #info = new Facts();
  readonly #infoPart = section('What it says of itself', this.#info.root);
  readonly #only: HTMLButtonElement;
  readonly #follow: HTMLButtonElement;
  readonly #page = element('a', 'action', 'Its own page');
  readonly #form: CommandForm;
  readonly #commandsPart: HTMLElement;
  readonly #commits: CommitList;
  readonly #detail: Poll<CompositorWithHealth>;
  readonly #commands: Poll<CommandList>;
  #known: CompositorWithHealth | undefined;
  #list = '';
  /** As it is, and as it was last known. */
  #current: Compositor | undefined;
  #entry: Compositor | undefined;
  #at: string | undefined;

  constructor(context: DetailsContext, heading: Heading, id: string) {
    const { attention } = context;
    this.#context = context;
    this.#heading = heading;
    this.#id = id;
    this.#at = context.at();
    heading.icon = chipOf(context.palette, id);
    this.#form = new CommandForm(context.commands, id);
    this.#commandsPart = section('Commands', this.#form.root);
    this.#commits = new CommitList(context, id);
    this.#only = button('action', 'Only this one', () => attention.toggleOnly(id));
    this.#follow = button('action', 'Follow', () => attention.toggleFollow(id));
    this.#page.target = '_blank';
    this.#page.rel = 'noopener';
    this.#page.href = `${context.daemonUrl}/compositors/${id}/proxy/`;
    const actions = element('div', 'actions');
    const show = button('action main', 'Show its tiles', () => context.goToCompositor(id));
    actions.append(show, this.#only, this.#follow, this.#page);
    this.body.append(
      this.#condition,
      this.#why,
      this.#facts.root,
      actions,
      this.#infoPart,
      this.#commandsPart,
      section('Its last commits', this.#commits.root),
    );
    this.#detail = new Poll({
      read: () => context.api.compositor(id),
      every: DETAIL_INTERVAL,
      onValue: (detail) => {
        this.#known = detail;
        this.update();
      },
      onError: () => (this.#known = undefined),
    });
    this.#commands = new Poll({
      read: () => context.commands.list(id),
      every: COMMANDS_INTERVAL,
      onValue: (list) => this.#showCommands(list),
    });
    this.#commits.read();
  }

  update(): void {
    const { display, at, attention } = this.#context;
    const entry = display.compositors.get(this.#id);
    if (at() !== this.#at) {
      this.#at = at();
      this.#commits.read();
    }
    if (entry !== this.#current) this.#changed(entry);
    this.#entry = entry ?? this.#entry;
    this.#heading.write(this.#entry?.name ?? this.#id, `Compositor ${this.#id}`);
    this.#writeCondition(entry);
    this.#writeFacts(entry);
    this.#only.setAttribute('aria-pressed', String(attention.only === this.#id));
    this.#follow.setAttribute('aria-pressed', String(attention.followed === this.#id));
    const isNow = at() === undefined;
    this.#follow.hidden = !isNow || !entry;
    // One that is not connected takes no commands, and answers no page.
    const answers = entry?.status === 'connected' && isNow;
    this.#page.hidden = !answers || !(endpointOf(entry) ?? '').startsWith('http');
    this.#commandsPart.hidden = !answers || this.#list === '';
    this.#commits.write();
  }

  close(): void {
    this.#detail.close();
    this.#commands.close();
    this.#commits.close();
  }

  /** Another state, or another description: what the daemon knows beside the entry may have changed, too. */
  #changed(entry: Compositor | undefined): void {
    this.#current = entry;
    for (const poll of [this.#detail, this.#commands])
      if (entry) poll.now();
      else poll.stop();
  }

  #writeCondition(entry: Compositor | undefined): void {
    const isNow = this.#at === undefined;
    const gone = isNow
      ? 'It is not registered any more: its tiles went with it.'
      : 'It was not registered at the moment shown.';
    const { tone, title, why } = entry
      ? conditionOf(entry, isNow ? this.#known?.health : undefined, this.#context.ageOf)
      : { tone: 'calm', title: isNow ? 'Gone' : 'Not there', why: gone };
    this.#condition.dataset['tone'] = tone;
    write(this.#condition, title);
    say(this.#why, why === '' ? undefined : why);
  }

  #writeFacts(entry: Compositor | undefined): void {
    const { ageOf, now } = this.#context;
    const live = entry && this.#at === undefined ? this.#known : undefined;
    const { health, lease } = live ?? {};
    const tiles = live?.tiles ?? (entry && this.#context.statistics.of(this.#id)?.tiles);
    const moment = (at: unknown) => (typeof at === 'string' ? momentOf(Date.parse(at), ageOf) : undefined);
    const left = lease && (Date.parse(lease.expiresAt) - now()) / 1000;
    this.#facts.set('Tiles', tiles === undefined ? undefined : plural(tiles, 'tile'));
    this.#facts.set(
      'Lease',
      left === undefined
        ? undefined
        : left > 0
          ? `${durationOf(left)} left of ${durationOf(lease!.ttl)}`
          : 'over',
    );
    this.#facts.set('Connection', entry && connectionText(entry));
    this.#facts.set('Answers in', health?.latencyMs === undefined ? undefined : `${health.latencyMs} ms`);
    this.#facts.set('Checked', moment(health?.checkedAt));
    this.#facts.set('Last error', health?.lastError);
    this.#facts.set('At', health?.lastError === undefined ? undefined : moment(health.lastErrorAt));
    this.#facts.set('Registered', moment(entry?.['registeredAt']));
    this.#facts.set('Program', entry && programText(entry));
    this.#facts.set('Labels', entry && labelsText(entry['labels']));
    this.#facts.set('Can', entry && listText(entry['capabilities']));
    this.#facts.set('Listed by', textOrNone(entry?.['managedBy']));
    const rows = infoRows(entry?.['info']);
    this.#infoPart.hidden = rows.size === 0;
    this.#info.replace(rows);
  }

  #showCommands(list: CommandList): void {
    const text = JSON.stringify(list);
    if (text === this.#list) return;
    this.#list = text;
    this.#form.show(list);
  }
}

function programText(entry: Compositor): string | undefined {
  return listText([entry['platform'], entry['version']].filter((part) => part !== undefined));
}

function listText(values: unknown): string | undefined {
  return Array.isArray(values) && values.length > 0 ? values.join(', ') : undefined;
}

function textOrNone(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
