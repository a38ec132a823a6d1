# compositord in a container: docs/operations.md says how to run it. Every RUN works in a plain folder with relative paths
# only: test/deploy/dockerfile.test.ts plays these very steps without Docker, and starts what comes out.

# To build on exactly one image: --build-arg NODE_IMAGE=node:24-bookworm-slim@sha256:...
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
# First what seldom changes, so that a change of the source does not install again.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev --ignore-scripts
COPY tsconfig.json ./
COPY scripts ./scripts
COPY src ./src
COPY web ./web
COPY test/fixtures/geometry-os-history.jsonl.gz ./test/fixtures/
RUN npm run build
# What is in the image, by name, version and licence, in the words of CycloneDX. npm says it only of a tree that is whole.
RUN npm sbom --omit=dev --sbom-format=cyclonedx > sbom.cdx.json
RUN npm prune --omit=dev
# Copied below with its owner: the daemon may not write anywhere else, and the runtime stage needs no RUN.
RUN mkdir empty

FROM ${NODE_IMAGE}
ARG NODE_IMAGE
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="compositord" \
      org.opencontainers.image.description="The Compositor Integration Daemon of Geometry OS: many compositors, one live, versioned manifest." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${NODE_IMAGE}"
# The program belongs to root, and the daemon is not root: it cannot change its own code.
COPY package.json LICENSE /app/
COPY --from=build /build/node_modules /app/node_modules
COPY --from=build /build/dist /app/dist
COPY --from=build /build/sbom.cdx.json /app/sbom.cdx.json
COPY deploy/healthcheck.mjs /app/healthcheck.mjs
COPY --from=build --chown=1000:1000 /build/empty /data
COPY --from=build /build/empty /etc/compositord
ENV NODE_ENV=production \
    COMPOSITORD_LISTEN=0.0.0.0:8760 \
    COMPOSITORD_STORE=file:/data \
    COMPOSITORD_WORKERS=auto
# Where compositord.yaml and compositors.json are looked for, when some are mounted.
WORKDIR /etc/compositord
# No VOLUME: each replica with a Redis would leave a nameless one behind. `-v compositord:/data` keeps the embedded store.
EXPOSE 8760
# By number: Kubernetes cannot tell that a name is not root (runAsNonRoot). 1000 is the image's user `node`.
USER 1000:1000
STOPSIGNAL SIGTERM
# Liveness, not readiness: Swarm kills what is unhealthy, and while Redis is away the replicas still serve all they know.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "/app/healthcheck.mjs", "live"]
# In exec form: a shell in between would swallow SIGTERM.
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["serve"]
