import type { Counter } from '../../domain/counter.ts';
import { HEALTH_STATES } from '../../domain/health.ts';
import { LINK_ENDS } from '../../domain/link-end.ts';
import { LINK_CLOSED } from '../../services/connectors/links.ts';
import type { Supervisor } from '../../services/connectors/supervisor.ts';
import { countsOf, type Gauges } from './gauges.ts';

/** Connections to compositors, whoever opened them. */
export function addConnectorMetrics(
  on: Gauges,
  { supervisor, protocolViolations }: { supervisor: Supervisor; protocolViolations: Counter },
): void {
  const { links } = supervisor;
  on.gauges('connectors', 'Connectors of this replica, by state.', 'state', () =>
    countsOf(HEALTH_STATES.slice(1), supervisor.states),
  );
  on.gauge('links', 'Links that compositors have open to this replica.', () => links.open);
  on.counter('links_opened_total', 'Links that compositors opened to this replica.', () => links.opened);
  on.counters(
    'links_ended_total',
    'Links that have ended, by the reason of the daemon, or closed by the compositor or the network.',
    'reason',
    () => {
      const { counts } = links.ended;
      const reasons = [...Object.values(LINK_ENDS).map(({ reason }) => reason), LINK_CLOSED];
      return reasons.map((reason) => [reason, counts.get(reason) ?? 0]);
    },
  );
  on.counters(
    'protocol_violations_total',
    'Messages of compositors that were ignored because they violate the protocol.',
    'kind',
    () => protocolViolations.counts,
  );
}
