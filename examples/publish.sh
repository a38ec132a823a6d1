#!/bin/sh
# The tour: a compositor registers, publishes tiles, and leaves, while the stream shows what every viewer sees.
#
#   ./publish.sh [URL]        (or COMPOSITORD_URL; default http://127.0.0.1:8760)
#
# A daemon that asks for a token gets it from COMPOSITORD_TOKEN.
set -eu

url=${1:-${COMPOSITORD_URL:-http://127.0.0.1:8760}}
url=${url%/}
call() { curl --silent --show-error ${COMPOSITORD_TOKEN:+--oauth2-bearer "$COMPOSITORD_TOKEN"} "$@"; }

# curl has --json since 7.82; an older one needs the header and the body apart.
if curl --help all 2>/dev/null | grep -q -e '--json'; then
  send() { call --fail-with-body -X "$1" --json "$3" "$url$2"; }
else
  send() { call --fail -X "$1" -H 'Content-Type: application/json' --data "$3" "$url$2"; }
fi
say() { printf '\n--- %s\n' "$*"; }

say "Register: PUT /compositors/wall"
send PUT /compositors/wall '{"name":"Wall","ttl":3600}'

say "Follow the stream beside it: what starts with id, event or data comes from there"
# Not by `call`: what is ended below must be curl itself.
curl --silent --no-buffer ${COMPOSITORD_TOKEN:+--oauth2-bearer "$COMPOSITORD_TOKEN"} "$url/manifest/stream" &
stream=$!
trap 'kill "$stream" 2>/dev/null || :' EXIT # by its own id, however this script ends
sleep 1 # so that the stream is open, and a person sees the order of things

say "Publish three tiles in one commit: PATCH /compositors/wall/tiles"
send PATCH /compositors/wall/tiles '{"3,-4":{"brick":"wall.rts.png"},"4,-4":{"brick":"door.rts.png"},"0,0":{"brick":"floor.rts.png"}}'
sleep 1

say "Take one of them back"
send PATCH /compositors/wall/tiles '{"4,-4":null}'
sleep 1

say "Read a part of the plane: GET /manifest?view=-8,-8,8,8"
call --fail "$url/manifest?view=-8,-8,8,8"

say "Leave: DELETE /compositors/wall; the tiles go with it"
call --fail -X DELETE "$url/compositors/wall"
sleep 1
