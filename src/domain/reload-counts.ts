/** What came of the reloads of the configuration since the start. */
export class ReloadCounts {
  /** Applied; or the old configuration stays in force: the new one has problems (`refused`), or could not be applied (`failed`). */
  readonly results = { applied: 0, refused: 0, failed: 0 };
  /** Whether the configuration in force is the one that was read last. */
  isCurrent = true;

  add(result: keyof ReloadCounts['results']): void {
    this.results[result] += 1;
    this.isCurrent = result === 'applied';
  }
}
