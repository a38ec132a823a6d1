import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { LiveMap } from './live-map';

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <LiveMap />
  </StrictMode>,
);
