/**
 * A page as pages are written today: an InfiniteMap that knows nothing of us, with its constructor, its polling and its socket,
 * and a loader that makes a texture of nothing.
 */
export const todaysPage = (config: object, more = ''): string => `<!doctype html>
<title>today</title>
<script>
  window.loaded = []
  window.PixiJSV8Adapter = {
    errorTexture: {},
    loadTexture: async (url) => ({ url }),
    createSprite: (texture) => ({ texture, destroy() {} }),
  }
  class InfiniteMap {
    constructor(worldContainer, config = {}) {
      this.world = worldContainer
      this.config = { gridSize: 100, manifestPath: '/builder/map/manifest.json', pollInterval: 2000, websocketUrl: 'ws://127.0.0.1:8765', enableCameraSync: true, ...config }
      this.tiles = new Map()
      this.active = true
      this.heartbeats = 0
      this.polls = 0
      void this.startSync()
      if (this.config.enableCameraSync) this.connectToCompositor()
    }
    async startSync() {
      while (this.active) {
        await this.checkUpdates()
        await new Promise((resolve) => setTimeout(resolve, this.config.pollInterval))
      }
    }
    async checkUpdates() {
      const response = await fetch(this.config.manifestPath + '?t=' + Date.now())
      const manifest = await response.json()
      for (const [coord, entry] of Object.entries(manifest)) {
        const [x, y] = coord.split(',').map(Number)
        const existing = this.tiles.get(x + ',' + y)
        if (!existing || existing.timestamp < entry.timestamp) await this.loadTile(x, y, entry.brick, entry.timestamp)
      }
      this.polls++
    }
    async loadTile(x, y, brickName, timestamp) {
      loaded.push(x + ',' + y + ' ' + brickName)
      const texture = await PixiJSV8Adapter.loadTexture('/builder/queue/' + brickName + '?t=' + timestamp)
      const tile = this.tiles.get(x + ',' + y)
      if (tile) {
        tile.sprite.texture = texture
        tile.timestamp = timestamp
        return
      }
      const sprite = PixiJSV8Adapter.createSprite(texture)
      this.world.addChild(sprite)
      this.tiles.set(x + ',' + y, { sprite, timestamp, brickName })
    }
    connectToCompositor() {
      this.ws = new WebSocket(this.config.websocketUrl)
      this.ws.onmessage = (event) => this.handleCompositorMessage(JSON.parse(event.data))
    }
    handleCompositorMessage(message) {
      if (message.type === 'tile_update') this.handleTileUpdate(message)
      if (message.type === 'heartbeat') {
        this.heartbeats++
        this.ws.send(JSON.stringify({ type: 'heartbeat', timestamp: Date.now() }))
      }
    }
    handleTileUpdate({ x, y, brick, timestamp }) {
      void this.loadTile(x, y, brick, timestamp)
    }
  }
  const children = new Set()
  window.world = { children, addChild: (sprite) => children.add(sprite), removeChild: (sprite) => children.delete(sprite) }
  window.map = new InfiniteMap(world, ${JSON.stringify(config)})
</script>
${more}`;
