package reminder_test

import (
	"testing"
	"time"
)

// follow moves the clock to the next thing that is due, again and again, and tells what came when. Something must come each time.
func (h *house) follow(times int) (came []string) {
	h.t.Helper()
	p := h.phone()
	for range times {
		next, ok, err := h.NextDue(h.t.Context())
		h.must(err)
		if !ok {
			return came
		}
		h.clock.Set(next)
		letters := p.tick()
		if len(letters) == 0 {
			h.t.Errorf("nothing came at %s", next.In(h.cairo).Format(time.DateTime))
		}
		for _, letter := range letters {
			came = append(came, next.In(h.cairo).Format("2 15:04 ")+letter)
		}
	}
	return came
}

func TestNextDue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin(1, "en")
	h.do(`UPDATE people SET reminders_muted = true`)
	h.sell(h.clinic("Happy Paws", "Asia/Kuwait", 11), weekly) // until 8 March, two days of grace
	wants(t, "one after the other", h.follow(20), "5 09:00 11: Happy Paws 3", "7 09:00 11: Happy Paws 1",
		"8 09:00 11: Happy Paws 0", "9 09:00 11: Happy Paws -1", "10 09:00 1: Happy Paws expired")
}

// TestNextDigest stops on each morning that has something to tell, and on no other.
func TestNextDigest(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin(1, "en")
	h.admin(2, "en")
	h.do(`UPDATE people SET reminder_hour = 12 WHERE telegram_id = 2`)
	if next, ok, err := h.NextDue(t.Context()); ok || err != nil {
		t.Errorf("without a clinic something comes at %v, %v", next, err)
	}
	h.at("2026-03-01 11:00")
	h.sell(h.clinic("Happy Paws", "Africa/Cairo", 0), monthly) // until 31 March; its owner has not come in
	wants(t, "the first one's hour is over", h.phone().tick(), "1: digest")
	wants(t, "one after the other", h.follow(4), "1 12:00 2: digest", "24 10:00 1: digest", "24 12:00 2: digest", "25 10:00 1: digest")
	h.do(`UPDATE people SET unreachable_since = now() WHERE telegram_id = 2`)
	wants(t, "to who can be reached", h.follow(1), "26 10:00 1: digest")
}
