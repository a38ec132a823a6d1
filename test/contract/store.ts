import type { Test } from 'tap';
import { commitContract } from './store-commits.ts';
import { conflictContract } from './store-conflicts.ts';
import { historyContract } from './store-history.ts';
import { intakeContract } from './store-intake.ts';
import { leaseContract } from './store-leases.ts';
import { lifeContract } from './store-life.ts';
import { regionContract } from './store-regions.ts';
import { wipeContract } from './store-wipes.ts';
import { withdrawalContract } from './store-withdrawals.ts';
import type { WorldFactory } from './store-world.ts';

/**
 * What every store must do (domain/store.ts). `factory` makes an empty store; the suite knows
 * nothing else of the store, and holds for one whose clock cannot be set: its lease tests wait about 10 s in all.
 */
export function storeContract(t: Test, name: string, factory: WorldFactory): void {
  t.test(`${name}: commits`, (t) => commitContract(t, factory));
  t.test(`${name}: conflicts`, (t) => conflictContract(t, factory));
  t.test(`${name}: history`, (t) => historyContract(t, factory));
  t.test(`${name}: leases`, (t) => leaseContract(t, factory));
  t.test(`${name}: withdrawals`, (t) => withdrawalContract(t, factory));
  t.test(`${name}: regions`, (t) => regionContract(t, factory));
  t.test(`${name}: wipes and refills`, (t) => wipeContract(t, factory));
  t.test(`${name}: intakes`, (t) => intakeContract(t, factory));
  t.test(`${name}: life`, (t) => lifeContract(t, factory));
}
