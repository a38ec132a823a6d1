/** The part of React that `react.ts` uses: with React's own types, each build of the daemon would have to install them. */
declare module 'react' {
  export function useEffect(effect: () => void): void;
  export function useMemo<T>(make: () => T, dependencies: readonly unknown[]): T;
  export function useSyncExternalStore<T>(
    subscribe: (listener: () => void) => () => void,
    get: () => T,
    getOnServer: () => T,
  ): T;
}
