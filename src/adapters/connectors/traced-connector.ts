import type { Connector, Target } from '../../domain/connector.ts';
import { NO_TRACER, type Tracer } from '../../domain/tracer.ts';

/** The same connector, whose calls are spans; the connector itself while nobody collects traces. */
export function tracedConnector(
  connector: Connector,
  { id, protocol }: Pick<Target, 'id' | 'protocol'>,
  tracer: Tracer,
): Connector {
  if (tracer === NO_TRACER) return connector;
  const facts = { 'compositor.id': id, 'compositor.protocol': protocol };
  const relay = connector.relay?.bind(connector);
  return {
    connect: (signal) => tracer.span('connector connect', facts, () => connector.connect(signal)),
    probe: (signal) => tracer.span('connector probe', facts, () => connector.probe(signal)),
    send: (command, signal) =>
      tracer.span('connector command', { ...facts, 'compositor.command': command.command }, () =>
        connector.send(command, signal),
      ),
    close: () => connector.close(),
    ...(relay && { relay }),
  };
}
