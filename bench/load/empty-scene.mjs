// Bundled for the browser by bench/map.mjs: Pixi with nothing to draw, a frame as often as the browser lets it.
import 'pixi.js/unsafe-eval';
import { Container, WebGLRenderer } from 'pixi.js';

const renderer = new WebGLRenderer();
await renderer.init({ width: innerWidth, height: innerHeight, preferWebGLVersion: 2, backgroundAlpha: 0 });
document.body.append(renderer.canvas);
const stage = new Container();
window.scene = { frames: 0 };
requestAnimationFrame(function frame() {
  renderer.render(stage);
  window.scene.frames += 1;
  requestAnimationFrame(frame);
});
