#!/usr/bin/env bash
# Puts a real nginx in front of the service: with the recipe of docs/security.md, and with the least that one can write.
# Installs nginx where there is none. Ends with a line as those of `go test`.
set -euo pipefail
cd "$(dirname "$0")/.."

PATH=$PATH:/usr/sbin
.ci/install.sh nginx=nginx-light

scratch=$(mktemp -d)
running=()
trap 'kill "${running[@]}" 2>/dev/null || true; wait; rm -rf "$scratch"' EXIT

mapfile -t ports < <(python3 - <<-'PYTHON'
	import socket
	held = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
	print(*(s.getsockname()[1] for s in held), sep="\n")
PYTHON
)
strict=${ports[0]} open=${ports[1]} recipe=${ports[2]} least=${ports[3]}

go build -o "$scratch/sepsis" ./cmd/sepsis
key=$("$scratch/sepsis" key create --data-dir "$scratch/data" --name nginx --role predict 2>/dev/null)
"$scratch/sepsis" serve --listen "127.0.0.1:$strict" --data-dir "$scratch/data" --require-keys 2>"$scratch/strict.log" &
running+=($!)
"$scratch/sepsis" serve --listen "127.0.0.1:$open" --data-dir "$scratch/open" 2>"$scratch/open.log" &
running+=($!)

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=sepsis.hospital.example \
	-addext subjectAltName=DNS:sepsis.hospital.example -keyout "$scratch/key.pem" -out "$scratch/cert.pem" 2>/dev/null

{
	echo "daemon off; error_log $scratch/nginx.log; pid $scratch/nginx.pid;"
	[ "$(id -u)" != 0 ] || echo "user root;"
	echo "events {} http { access_log off;"
	for folder in client_body proxy fastcgi uwsgi scgi; do echo "${folder}_temp_path $scratch/$folder;"; done
	# The recipe, as the operator reads it, with addresses of this test.
	sed -n '/<!-- ci: nginx -->/,/^```$/p' docs/security.md | sed '/^<!--/d; /^```/d' |
		sed "s|listen 443|listen 127.0.0.1:$recipe|; s|127.0.0.1:8080|127.0.0.1:$strict|; s|/etc/ssl/sepsis.crt|$scratch/cert.pem|; s|/etc/ssl/sepsis.key|$scratch/key.pem|; s|/var/log/nginx/|$scratch/|"
	echo "server { listen 127.0.0.1:$least; location / { proxy_pass http://127.0.0.1:$open; } }"
	echo "}"
} >"$scratch/nginx.conf"
nginx -p "$scratch" -c "$scratch/nginx.conf" 2>>"$scratch/nginx.log" &
running+=($!)

https() { curl -sS --cacert "$scratch/cert.pem" --resolve "sepsis.hospital.example:$recipe:127.0.0.1" "$@"; }
patient='{"age": 67, "icu_hour": 3, "heart_rate": 118, "lactate": 4.1}'
predict=(-o "$scratch/answer" -w '%{http_code}' -H 'Content-Type: application/json' -d "$patient")

for _ in $(seq 100); do
	if https -fo /dev/null "https://sepsis.hospital.example:$recipe/health" 2>/dev/null &&
		curl -fso /dev/null "http://127.0.0.1:$least/health"; then break; fi
	sleep 0.1
done

expect() { # what, wanted status, got
	if [ "$3" != "$2" ]; then
		echo "FAIL $1: $3, want $2"
		cat "$scratch/answer" "$scratch/nginx.log"
		exit 1
	fi
	echo "     $1: $3"
}

url=https://sepsis.hospital.example:$recipe/predict/patient
expect 'the recipe, without a key' 401 "$(https "${predict[@]}" "$url")"
expect 'the recipe, with a key' 200 "$(https "${predict[@]}" -H "Authorization: Bearer $key" "$url")"
expect 'the recipe asks for HTTPS' 1 "$(https -o /dev/null -D - "https://sepsis.hospital.example:$recipe/health" | grep -ci strict-transport-security)"
head -c $((5 << 20)) /dev/zero >"$scratch/long"
expect 'the recipe, with 5 MiB' 413 "$(https "${predict[@]}" --data-binary "@$scratch/long" -H "Authorization: Bearer $key" "$url")"
https -o /dev/null -H "Authorization: Bearer $key" "https://sepsis.hospital.example:$recipe/predictions?patient=plain-number"
for _ in $(seq 50); do
	! grep -q 'GET /predictions"' "$scratch/sepsis.log" || break
	sleep 0.1
done
expect 'the recipe logs the route' 1 "$(grep -c 'GET /predictions"' "$scratch/sepsis.log")"
expect 'the recipe logs no patient' 0 "$(cat "$scratch"/sepsis*.log "$scratch/nginx.log" | grep -c plain-number || true)"
# Since 1.29.7 nginx speaks HTTP/1.1 by default, and nothing tells it from a client (docs/security.md).
release=$(nginx -v 2>&1 | sed 's|.*nginx/||; s| .*||')
[ "$(printf '%s\n' 1.29.7 "$release" | sort -V | head -n 1)" = 1.29.7 ] ||
	expect 'nginx with its defaults before a service that is open to its machine' 401 "$(curl -sS "${predict[@]}" "http://127.0.0.1:$least/predict/patient")"
expect 'the same service, from its machine' 200 "$(curl -sS "${predict[@]}" "http://127.0.0.1:$open/predict/patient")"
echo "ok   .ci/proxy.sh"
