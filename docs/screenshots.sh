#!/usr/bin/env bash
# Takes the pictures of the README and of screens.md: starts the demo, chats on its phones as a person would, and has a headless
# Chromium look at the page. Usage: docs/screenshots.sh [chromium]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
browser=${1:-chromium}
work=$(mktemp -d)
export LISTEN=127.0.0.1:8099 VETALYZE_NOW=2026-03-01T09:41:00+02:00
page=http://$LISTEN

go build -o "$work/vetalyze" ./cmd/vetalyze
open_demo() {
	: >"$work/log"
	"$work/vetalyze" demo >"$work/log" &
	demo=$!
	until grep -q http "$work/log"; do sleep 0.1; done
}
close_demo() { kill $demo; wait $demo || true; }
open_demo
trap 'close_demo; rm -rf "$work"' EXIT

post() { curl -fsS -o "$work/answer" -H 'Content-Type: application/json' -d "$2" "$page/sim/phones/$1"; }
# Every answer is waited for: the newest message is the bot's and none of its buttons is pending.
settle() {
	until curl -fsS "$page/sim/phones/$1/chat" | python3 -c '
import json, sys
newest = json.load(sys.stdin)["messages"][-1]
pending = any(b.get("pending") for row in newest.get("inline_keyboard") or [] for b in row)
sys.exit(newest["from"] != "bot" or pending)'; do sleep 0.1; done
}
say() { post "$1/send" "$(python3 -c 'import json, sys; print(json.dumps({"text": sys.argv[1]}))' "$2")"; sleep 0.3; settle "$1"; }
tap() { # the newest button whose label ends so
	local button
	button=$(curl -fsS "$page/sim/phones/$1/chat" | python3 -c '
import json, sys
isolates = dict.fromkeys(map(ord, "\u2068\u2069"))
for m in reversed(json.load(sys.stdin)["messages"]):
    for row in m.get("inline_keyboard") or []:
        for b in row:
            if b["text"].translate(isolates).endswith(sys.argv[1]):
                print(json.dumps({"message_id": m["id"], "data": b["data"]})); sys.exit()
sys.exit("no button " + sys.argv[1])' "$2")
	post "$1/tap" "$button"
	sleep 0.3
	settle "$1"
}
shoot() { # file, width, height, path
	"$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$work/browser" \
		--virtual-time-budget=4000 --window-size="$2,$3" --screenshot="docs/$1" "$page/?still$4" 2>"$work/browser.log"
}

sara=5001 mona=5002 nadia=5003 salma=5004 huda=5005
say $sara /register
say $sara 'Yasmin Kamal'
say $sara '0100 111 2233'
say $sara 'Rex dog 2y'
tap $sara 'Another pet'
say $sara 'Mimi cat 6 months'
tap $sara Save
say $sara '0100 123 4567'
say $mona /staff
tap $mona Invite
tap $mona receptionist
say $mona 'Omar Lotfy'
say $mona '0100 010 0006'
tap $mona 'Make the link'
say $nadia /newclinic
tap $nadia Egypt
say $nadia 'Cairo Cats'
say $nadia 'Hany Zaki'
say $nadia '0122 440 7711'
say $salma /register
say $salma 'ياسمين كمال'
say $salma '٠١٢٢ ٣٤٠ ١١٨٨'
shoot demo-en.png 1640 960 ''
tap $salma 'رغم ذلك'
say $salma 'ركس كلب سنتين'
tap $salma 'حيوان آخر'
say $salma 'ميمي قطة ٦ شهور'
say $huda /staff
tap $huda دعوة
tap $huda طبيب
say $huda 'كريم فؤاد'
shoot demo-ar.png 430 900 "#phone-$salma"
shoot demo-ar-owner.png 430 900 "#phone-$huda"

# What screens.md shows: each phone afresh, tall enough for what was said to it.
say $sara /cancel
say $sara /owners
say $sara mimi
say $sara '0100 123 4567'
shoot desk-en.png 430 1330 "#phone-$sara"
say $salma /cancel
say $salma /owners
say $salma 'لولو أحمد'
say $salma '٠١٠٠ ٧٦٥ ٤٣٢١'
shoot desk-ar.png 430 1230 "#phone-$salma"

say $mona /cancel
say $mona /subscription
say $mona /subscription
tap $mona Report
tap $mona 'As a picture'
shoot subscription-en.png 430 1400 "#phone-$mona"
say $huda /cancel
say $huda /subscription
say $huda /subscription
tap $huda 'تقرير'
tap $huda 'كصورة'
shoot subscription-ar.png 430 1400 "#phone-$huda"

say $nadia /cancel
say $nadia /clinics
say $nadia '/clinics nile'
tap $nadia 'Nile Pet Clinic'
shoot clinics-en.png 430 1740 "#phone-$nadia"
say $nadia /language
tap $nadia 'العربية'
say $nadia /clinics
say $nadia '/clinics الرفق'
tap $nadia 'عيادة الرفق البيطرية'
shoot clinics-ar.png 430 1740 "#phone-$nadia"

# What comes by itself: another demo, whose clock is moved on.
close_demo
open_demo
holds() { curl -fsS "$page/sim/phones/$1/chat" | grep -q "$2"; }
next() { # until a phone shows a text
	curl -fsS -o "$work/answer" -H 'Content-Type: application/json' -d '{"next":true}' "$page/sim/clock"
	for _ in $(seq 50); do
		holds "$1" "$2" && return
		sleep 0.1
	done
	next "$@"
}
next $nadia '⛔ A clinic'
shoot alert-en.png 430 560 "#phone-$nadia"
next $nadia '☀️'
shoot digest-en.png 430 1020 "#phone-$nadia"
next $huda '🔔 '
shoot reminder-ar.png 430 700 "#phone-$huda"
