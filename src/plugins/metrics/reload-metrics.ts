import type { ReloadCounts } from '../../domain/reload-counts.ts';
import type { Gauges } from './gauges.ts';

/** What came of reloads of the configuration. Each worker reloads, so that they say the same. */
export function addReloadMetrics(on: Gauges, reloads: ReloadCounts): void {
  on.counters(
    'config_reloads_total',
    'Reloads of the configuration: applied, refused for its problems, or failed.',
    'result',
    () => Object.entries(reloads.results),
    'max',
  );
  on.gauge(
    'config_current',
    '1 if the configuration that was read last is in force, 0 if an older one is.',
    () => Number(reloads.isCurrent),
    'min',
  );
}
