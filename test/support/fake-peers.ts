import {
  ConnectorError,
  type Connector,
  type ConnectorEvents,
  type MakeConnector,
  type Probe,
  type Target,
} from '../../src/domain/connector.ts';

/** What a fake compositor does when it is asked. */
export interface FakeBehaviour {
  connect?: (signal: AbortSignal) => Promise<void>;
  probe?: (signal: AbortSignal) => Promise<Probe>;
}

/** Connectors without a wire, for what the supervisor does with any of them. */
export class FakePeers {
  /** By id; may be changed at any time. Absent: it is well. */
  readonly behaviours = new Map<string, FakeBehaviour>();
  /** Those that were made and not closed, by id. */
  readonly open = new Map<string, FakeConnector[]>();
  readonly made: FakeConnector[] = [];

  readonly make: MakeConnector = (target, events) => {
    const connector = new FakeConnector(this, target, events);
    this.made.push(connector);
    this.open.set(target.id, [...(this.open.get(target.id) ?? []), connector]);
    return connector;
  };

  /** It refuses from now on. */
  down(id: string, message = 'nobody listens'): void {
    const refuse = () => Promise.reject(new ConnectorError('unreachable', message));
    this.behaviours.set(id, { connect: refuse, probe: refuse });
  }

  up(id: string): void {
    this.behaviours.delete(id);
  }

  /** The one open connector of `id`. */
  of(id: string): FakeConnector {
    const [one, ...more] = this.open.get(id) ?? [];
    if (!one || more.length > 0) throw new Error(`${id} has ${more.length + (one ? 1 : 0)} connectors`);
    return one;
  }
}

export class FakeConnector implements Connector {
  readonly target: Target;
  readonly events: ConnectorEvents;
  probes = 0;
  readonly #peers: FakePeers;

  constructor(peers: FakePeers, target: Target, events: ConnectorEvents) {
    this.#peers = peers;
    this.target = target;
    this.events = events;
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.#peers.behaviours.get(this.target.id)?.connect?.(signal);
  }

  async probe(signal: AbortSignal): Promise<Probe> {
    this.probes += 1;
    const behaviour = this.#peers.behaviours.get(this.target.id);
    return behaviour?.probe ? behaviour.probe(signal) : { latencyMs: 1, info: { i: this.target.id } };
  }

  async send(): Promise<unknown> {
    return null;
  }

  async close(): Promise<void> {
    const { id } = this.target;
    this.#peers.open.set(
      id,
      (this.#peers.open.get(id) ?? []).filter((each) => each !== this),
    );
  }
}
