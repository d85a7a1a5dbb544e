package reminder_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/reminder"
)

// TestPlanningManyAtOnce plans a reminder for each of many clinics, all due at the same time. PLAN_DUE=100000 measures it at the size
// to hold, in 5 seconds on two cores.
func TestPlanningManyAtOnce(t *testing.T) {
	t.Parallel()
	due, most := 2000, 10*time.Second
	if given, err := strconv.Atoi(os.Getenv("PLAN_DUE")); err == nil {
		due, most = given, 5*time.Second
	}
	h := furnished(houseOn(t, pgtest.URL(t), reminder.Config{}))
	h.root(fmt.Sprintf(`
		INSERT INTO clinics (clinic_id, name, owner_name, owner_phone, country_code, time_zone, creation_key, created_by)
		SELECT n, 'Clinic ' || n, 'Owner', '+201000000000', 'EG', 'Africa/Cairo', gen_random_uuid(), 1 FROM generate_series(1, %[1]d) AS n;
		INSERT INTO people (telegram_id, language) SELECT 10000 + n, 'en' FROM generate_series(1, %[1]d) AS n;
		INSERT INTO staff (clinic_id, role, full_name, phone, invited_by, telegram_id, joined_at)
		SELECT n, CASE member WHEN 0 THEN 'clinic_owner' ELSE 'receptionist' END, 'Somebody', '+20100000000' || member, 1,
		       CASE member WHEN 0 THEN 10000 + n END, CASE member WHEN 0 THEN now() END
		FROM generate_series(1, %[1]d) AS n, generate_series(0, 3) AS member;
		ALTER TABLE subscriptions DISABLE TRIGGER subscriptions_stand_clinic;
		INSERT INTO subscriptions (clinic_id, state, period, plan_id, plan_name_en, plan_name_ar, duration_days, accounts,
		                           price_minor, currency, grace_days, created_by)
		SELECT n, 'live', '[2026-03-01,2026-03-31)', 1, 'Monthly', 'شهري', 30, 3, 50000, 'EGP', 7, 1 FROM generate_series(1, %[1]d) AS n;
		ALTER TABLE subscriptions ENABLE TRIGGER subscriptions_stand_clinic;
		UPDATE clinics SET covered = '{[2026-03-01,2026-03-31)}', grace = '{[2026-03-31,2026-04-07)}', had_term = true, plan_ids = '{1}'`, due))
	h.root(`VACUUM ANALYZE`)
	h.at("2026-03-24 10:00")

	started := time.Now()
	h.must(h.Plan(t.Context()))
	took := time.Since(started)
	wants(t, "states", h.states("reminder"), fmt.Sprintf("pending %d", due))
	if took > most {
		t.Errorf("planning took %v", took)
	}
	started = time.Now()
	h.must(h.Plan(t.Context()))
	t.Logf("%d due planned in %v; looked again in %v", due, took.Round(time.Millisecond), time.Since(started).Round(time.Millisecond))

	// Taking them out one by one is no slower than Telegram, however many wait.
	ctx, enough := context.WithCancel(t.Context())
	defer enough()
	p := h.phone()
	p.fail = func(reminder.Letter) error {
		if len(p.letters) == 500 {
			enough()
		}
		return nil
	}
	started = time.Now()
	if err := h.Deliver(ctx, p.post()); err != nil && ctx.Err() == nil {
		t.Error(err)
	}
	if pace := float64(len(p.letters)) / time.Since(started).Seconds(); pace < 30 {
		t.Errorf("%.0f letters a second", pace)
	} else {
		t.Logf("%.0f letters a second", pace)
	}
}
