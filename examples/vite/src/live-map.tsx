import { useState } from 'react';
import { useManifest } from 'compositord-client/react';
import { toggle, url } from './compositor';

const SIZE = 16;

/** A part of the plane, kept up to date. Clicking an empty cell puts a tile of this page there; clicking that takes it away. */
export function LiveMap() {
  const [left, setLeft] = useState(0);
  const [said, setSaid] = useState('');
  // Another view moves the same stream.
  const { tiles, compositors, state, problem } = useManifest({
    url,
    view: [left, 0, left + SIZE - 1, SIZE - 1],
  });

  const cells = Array.from({ length: SIZE * SIZE }, (_, i) => `${left + (i % SIZE)},${Math.floor(i / SIZE)}`);
  return (
    <>
      <p>
        <button onClick={() => setLeft(left - SIZE)}>←</button>
        <button onClick={() => setLeft(left + SIZE)}>→</button> {state}, {tiles.size} tiles of{' '}
        {[...compositors.values()].map(({ name }) => name).join(', ') || 'nobody'}
      </p>
      <p role="status">{problem?.detail ?? said}</p>
      <div className="cells">
        {cells.map((key) => {
          const tile = tiles.get(key);
          return (
            <button
              key={key}
              aria-label={key}
              title={tile ? `${tile.brick} of ${tile.compositor}` : key}
              style={tile && { background: colourOf(tile.brick) }}
              onClick={() => toggle(key, tile).catch((error: Error) => setSaid(error.message))}
            />
          );
        })}
      </div>
    </>
  );
}

/** Equal bricks look equal. */
function colourOf(brick: string): string {
  const hue = [...brick].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) % 360, 7);
  return `hsl(${hue} 60% 55%)`;
}
