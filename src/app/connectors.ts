import type { AddressInfo, Server } from 'node:net';
import { Guard } from '../adapters/connectors/guard.ts';
import { HttpForwarder } from '../adapters/connectors/http-forwarder.ts';
import { connectorFactory } from '../adapters/connectors/connector-factory.ts';
import { DialedWsLink } from '../adapters/connectors/dialed-link.ts';
import type { ConnectorParts } from '../adapters/connectors/connector-parts.ts';
import { Resolver } from '../adapters/connectors/resolver.ts';
import { tracedConnector } from '../adapters/connectors/traced-connector.ts';
import { TargetPlaces } from '../adapters/connectors/target-places.ts';
import type { Backend } from '../backend.ts';
import { AddressPolicy, defaultAddressRules } from '../domain/address-policy.ts';
import { Bearers } from '../domain/bearers.ts';
import { Counter } from '../domain/counter.ts';
import type { DialedLink, MakeConnector } from '../domain/connector.ts';
import { DomainError } from '../domain/errors.ts';
import { problemOf } from '../plugins/problems.ts';
import type { AcceptedSocket } from '../plugins/web-sockets.ts';
import { peerBodies } from '../routes/peer-bodies.ts';
import { CommandRouter } from '../services/commands/command-router.ts';
import { Forgetting } from '../services/connectors/forgetting.ts';
import { Supervisor } from '../services/connectors/supervisor.ts';
import { Proxy } from '../services/proxy/proxy.ts';
import type { Context } from './context.ts';
import type { ManifestServices } from './manifest.ts';

/** Milliseconds: connections that fail or end at once come no more often than one per place in this time. */
const PLACE_FOR_AT_LEAST = 10_000;

export type ConnectorServices = ReturnType<typeof startConnectors>;

/** Section 3: everything that connects to compositors. It never connects to what `listeners` listen at: that is this daemon. */
export function startConnectors(
  context: Context,
  { claims, peerBus, nodes }: Backend,
  { replica, leases, registry, publisher, relay }: ManifestServices,
  listeners: readonly Server[],
) {
  const { config, overrides, clock, log, tracer, onClose } = context;
  const { settings } = config;
  const guardOptions = {
    policy: new AddressPolicy(settings.connect.allow ?? defaultAddressRules(settings.listen.host)),
    resolve: overrides.resolve ?? new Resolver({ clock }).resolve,
    ownPorts: () => listeners.flatMap((each) => (each.address() as AddressInfo | null)?.port ?? []),
    storeNodes: () => nodes.all,
  };
  const { perTarget: max } = settings.connect;
  const guard = new Guard({
    ...guardOptions,
    places: new TargetPlaces({ clock, max, atLeast: PLACE_FOR_AT_LEAST }),
  });
  // Places of its own: forwarded requests must not take those of health checks.
  const forwarderGuard = new Guard({
    ...guardOptions,
    places: new TargetPlaces({ clock, max, atLeast: 0 }),
  });
  const bearers = new Bearers(config.bearers);
  const forwarder = new HttpForwarder({ guard: forwarderGuard, bearers, tracer });
  onClose(() => forwarder.close());
  const protocolViolations = new Counter();
  const parts: ConnectorParts = {
    guard,
    clock,
    bearers,
    log,
    tracer,
    count: (what, times) => protocolViolations.add(what, times),
    relay: { types: relay.types, dropped: (type) => relay.counts.drop(type, 'full') },
    problemOf: (error) =>
      problemOf(
        error instanceof DomainError ? error : new DomainError('internal', 'it went wrong'),
        settings.basePath === '/' ? '' : settings.basePath,
      ),
  };
  const made = overrides.make ?? connectorFactory(parts);
  const make: MakeConnector = (target, events) => tracedConnector(made(target, events), target, tracer);
  const supervisor = new Supervisor({
    replica,
    claims,
    leases,
    peerBus,
    clock,
    make,
    registry,
    publisher,
    bodies: peerBodies(),
    relay,
    settings: settings.connect,
    log,
  });
  onClose(() => supervisor.stop());
  supervisor.start();
  const { forget } = settings.connect;
  if (forget !== undefined) {
    const policy = { forget, guard: settings.lease.guard };
    const forgetting = new Forgetting({ replica, clock, log, policy, holds: (id) => supervisor.holds(id) });
    onClose(() => forgetting.stop());
    forgetting.start();
  }
  const commands = new CommandRouter({ replica, registry, connections: supervisor, peerBus, clock });
  onClose(() => commands.stop());
  commands.start();
  return {
    bearers,
    supervisor,
    commands,
    /** A link over a WebSocket that a compositor opened. */
    dialedLink: ({ webSocket, socket }: AcceptedSocket): DialedLink => {
      const link = new DialedWsLink(webSocket, socket, parts);
      return {
        connector: (id, events) =>
          tracedConnector(link.connector(id, events), { id, protocol: 'ws' }, tracer),
        end: (end) => link.end(end),
      };
    },
    protocolViolations,
    proxy: new Proxy({ registry, forwarder, clock }),
  };
}
