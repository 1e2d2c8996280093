# For the scripts of this folder: start a server on a free port, and stop it.

# start_server PROGRAM DB: sets `server` (its pid) and `address`.
start_server() {
  local log
  log=$(mktemp)
  "$1" --db "$2" --port 0 >"$log" &
  server=$!
  address=
  while [ -z "$address" ]; do
    kill -0 $server 2>/dev/null || { echo "the server did not start"; exit 1; }
    sleep 0.02
    address=$(grep -o '127\.0\.0\.1:[0-9]*' "$log" || true)
  done
  rm -f "$log"
}

# stop_server: asks the server to stop; fails unless the server exits with 0.
stop_server() {
  local pid=$server
  server=
  kill -TERM "$pid"
  wait "$pid"
}
