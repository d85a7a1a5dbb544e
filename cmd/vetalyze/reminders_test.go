package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vetalyze/internal/embedded"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/simulator"
	"vetalyze/migrations"
)

// TestKilledWhileDelivering has three instances on one database send a reminder to each of many clinic owners, and kills them with
// -9 at random meanwhile: nobody misses theirs, and of a kill one reminder at most comes twice, one that Telegram had just taken.
// KILL_DELIVERIES and KILLS make it long.
func TestKilledWhileDelivering(t *testing.T) {
	t.Parallel()
	deliveries, kills := number("KILL_DELIVERIES", 240), number("KILLS", 4)
	f := newOutbox(t, deliveries, "MESSAGES_PER_SECOND="+cmp.Or(os.Getenv("KILL_PACE"), "60"))
	for i := range f.instances {
		f.instances[i] = f.run()
	}
	killed := f.killAtRandom(kills)

	// The last ones are killed for certain between Telegram's taking a reminder and the note of it.
	f.sim.Fail(simulator.Fault{Method: "sendMessage", Kind: simulator.TimeoutAfter{}})
	f.until("a reminder has been taken and not noted", func() bool { return f.sim.Faults() == 0 })
	for _, instance := range f.instances {
		instance.kill()
		killed = append(killed, time.Now())
	}
	for i := range f.instances {
		f.instances[i] = f.run()
	}
	f.until("nothing waits any more", func() bool {
		return f.count(`SELECT count(*) FROM notifications WHERE kind = 'reminder' AND state = 'sent'`) == deliveries
	})
	f.judge(killed)
}

func number(variable string, otherwise int) int {
	if given, err := strconv.Atoi(os.Getenv(variable)); err == nil {
		return given
	}
	return otherwise
}

// An outbox is a database with many reminders that are due, and phones to get them.
type outbox struct {
	*program
	owners    int
	instances [3]*program
}

// firstOwner is the account of the first clinic's owner.
const firstOwner = 10_000

func newOutbox(t *testing.T, owners int, env ...string) *outbox {
	t.Helper()
	redis, err := embedded.Redis(t.Context(), embedded.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = redis.Stop() })
	o := &outbox{program: newProgramAt(t, pgtest.URL(t), simulator.WebhookConfig{AllowLocal: true}), owners: owners}
	o.env = append(o.env, "VETALYZE_NOW=2026-03-24T10:30:00+02:00", "REMINDER_LEASE=3s", "REDIS_URL="+redis.URL())
	o.env = append(o.env, env...)
	o.must(migrations.Up(t.Context(), o.url))
	for i := range owners {
		o.sim.AddPerson(simulator.Person{ID: firstOwner + int64(i), LanguageCode: "en"}).Start("")
	}
	// They have pressed START long ago.
	forget, err := http.Get(o.apiURL() + "/bot" + demoToken + "/deleteWebhook?drop_pending_updates=true")
	o.must(err)
	o.must(forget.Body.Close())
	o.sell()
	return o
}

func (o *outbox) apiURL() string {
	for _, line := range o.env {
		if url, ok := strings.CutPrefix(line, "TELEGRAM_API_URL="); ok {
			return url
		}
	}
	return ""
}

// sell has each owner's clinic in the last week of its month.
func (o *outbox) sell() {
	o.t.Helper()
	conn, err := pgx.Connect(o.t.Context(), o.url)
	o.must(err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(o.t.Context(), furnishOutbox(o.owners))
	o.must(err)
}

// furnishOutbox is the SQL that makes clinics, each with its owner and a month that ends with 30 March 2026.
func furnishOutbox(owners int) string {
	return fmt.Sprintf(`
		INSERT INTO plans (plan_id, name_en, name_ar, duration_days, accounts, price_minor, currency)
		VALUES (1, 'Monthly', 'شهري', 30, 3, 50000, 'EGP');
		INSERT INTO clinics (clinic_id, name, owner_name, owner_phone, country_code, time_zone, creation_key, created_by)
		SELECT n, 'Clinic ' || n, 'Owner', '+201000000000', 'EG', 'Africa/Cairo', gen_random_uuid(), 1 FROM generate_series(1, %[1]d) AS n;
		INSERT INTO people (telegram_id, language) SELECT %[2]d + n - 1, 'en' FROM generate_series(1, %[1]d) AS n;
		INSERT INTO staff (clinic_id, role, full_name, phone, invited_by, telegram_id, joined_at)
		SELECT n, 'clinic_owner', 'Owner', '+201000000000', 1, %[2]d + n - 1, now() FROM generate_series(1, %[1]d) AS n;
		ALTER TABLE subscriptions DISABLE TRIGGER subscriptions_stand_clinic;
		INSERT INTO subscriptions (clinic_id, state, period, plan_id, plan_name_en, plan_name_ar, duration_days, accounts,
		                           price_minor, currency, grace_days, created_by)
		SELECT n, 'live', '[2026-03-01,2026-03-31)', 1, 'Monthly', 'شهري', 30, 3, 50000, 'EGP', 7, 1 FROM generate_series(1, %[1]d) AS n;
		ALTER TABLE subscriptions ENABLE TRIGGER subscriptions_stand_clinic;
		SELECT stand_clinic(clinic_id) FROM clinics;
		ANALYZE`, owners, firstOwner)
}

// run starts one more instance. Its webhook is where it listens itself: nobody writes.
func (o *outbox) run() *program {
	o.t.Helper()
	one := *o.program
	one.command, one.address = nil, freeAddress(o.t)
	one.env = append(slices.Clone(o.env), "LISTEN="+one.address, "PUBLIC_URL=http://"+one.address)
	one.start()
	o.t.Cleanup(one.kill)
	return &one
}

// killAtRandom kills an instance each time another part of the reminders is there, and starts it again.
func (o *outbox) killAtRandom(kills int) (killed []time.Time) {
	o.t.Helper()
	random := rand.New(rand.NewPCG(1, uint64(o.owners)))
	for n := range kills {
		o.until("some more have come", func() bool { return o.sent() >= (n+1)*(o.owners-10)/(kills+1) })
		which := random.IntN(len(o.instances))
		o.instances[which].kill()
		killed = append(killed, time.Now())
		o.instances[which] = o.run()
	}
	return killed
}

func (o *outbox) sent() int {
	return o.count(`SELECT count(*) FROM notifications WHERE state = 'sent'`)
}

// until waits for something to become so.
func (o *outbox) until(what string, so func() bool) {
	o.t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for deadline := time.Now().Add(3 * patience); !so(); <-look.C {
		if time.Now().After(deadline) {
			o.t.Fatalf("waited too long until %s: %d of %d sent", what, o.sent(), o.owners)
		}
	}
}

// judge finds that everybody has got theirs, and an explanation for each that came twice: a kill just after Telegram had taken the
// first, and an attempt more than once.
func (o *outbox) judge(killed []time.Time) {
	o.t.Helper()
	taken := map[int64][]time.Time{}
	for _, call := range o.sim.CallsOf("sendMessage") {
		if call.Status == http.StatusOK {
			taken[call.Chat] = append(taken[call.Chat], call.At)
		}
	}
	repeats := 0
	for i := range o.owners {
		chat := firstOwner + int64(i)
		times := taken[chat]
		if len(times) == 0 {
			o.t.Errorf("%d got nothing", chat)
		}
		for n := 1; n < len(times); n++ {
			repeats++
			explained := slices.ContainsFunc(killed, func(at time.Time) bool {
				return times[n-1].Before(at) && at.Before(times[n]) && at.Sub(times[n-1]) < 3*time.Second
			})
			attempts := o.count(fmt.Sprintf(`SELECT attempts FROM notifications WHERE telegram_id = %d`, chat))
			if !explained || attempts < n+1 {
				o.t.Errorf("%d got it at %v, and again at %v; %d attempts; kills at %v", chat, times[n-1], times[n], attempts, killed)
			}
		}
	}
	if repeats > len(killed) || repeats < 1 {
		o.t.Errorf("%d came twice, of %d kills, one of which was just between", repeats, len(killed))
	}
	o.t.Logf("%d reminders, %d kills: 0 lost, %d repeated", o.owners, len(killed), repeats)
}

// TestRemindersKeepThePace has an instance deliver against the limits that Telegram enforces: none is refused, and none of the turns
// is lost. PACE_DELIVERIES makes it long enough to tell the pace.
func TestRemindersKeepThePace(t *testing.T) {
	t.Parallel()
	deliveries, least := number("PACE_DELIVERIES", 120), 15.0
	if os.Getenv("PACE_DELIVERIES") != "" {
		least = 29
	}
	o := newOutbox(t, deliveries)
	o.sim.SetLimits(simulator.Limits{})
	o.run()
	o.until("all have come", func() bool { return o.sent() == deliveries })
	var at []time.Time
	for _, call := range o.sim.CallsOf("sendMessage") {
		if call.Status != http.StatusOK {
			t.Errorf("refused: %d %s", call.Status, call.Description)
		}
		at = append(at, call.At)
	}
	pace := float64(len(at)-1) / at[len(at)-1].Sub(at[0]).Seconds()
	if pace < least {
		t.Errorf("%.2f messages a second, want %.0f", pace, least)
	}
	t.Logf("%d reminders, %.2f a second", len(at), pace)
}
