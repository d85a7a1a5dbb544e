package subscription_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// newCity is a house with so many clinics, each with a year of monthly terms behind it: nine in ten are active, the
// others in grace, ended, suspended or yet to begin.
func newCity(b *testing.B, clinics int) *house {
	b.Helper()
	url := pgtest.URL(b)
	root, err := pgx.Connect(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer root.Close(context.Background())
	for _, sql := range []string{
		`INSERT INTO plans (plan_id, name_en, name_ar, duration_days, accounts, price_minor, currency)
		 VALUES (1, 'Monthly', 'شهري', 30, 3, 50000, 'EGP'), (2, 'Rare', 'نادر', 30, 3, 50000, 'EGP')`,
		`INSERT INTO clinics (clinic_id, name, owner_name, owner_phone, country_code, time_zone, creation_key, created_by)
		 SELECT n, 'Clinic ' || md5(n::text), 'Owner ' || md5('o' || n), '+2010' || lpad(n::text, 8, '0'), 'EG',
		        CASE n % 4 WHEN 0 THEN 'Asia/Riyadh' WHEN 1 THEN 'Asia/Kuwait' ELSE 'Africa/Cairo' END, gen_random_uuid(), 1
		 FROM generate_series(1, ` + fmt.Sprint(clinics) + `) n`,
		`INSERT INTO staff (clinic_id, role, full_name, phone, invited_by, telegram_id, joined_at)
		 SELECT clinic_id, 'clinic_owner', 'Mona Adel', '+201000000001', 1, clinic_id, now() FROM clinics`,
		`ALTER TABLE subscriptions DISABLE TRIGGER subscriptions_stand_clinic`,
		`INSERT INTO subscriptions (clinic_id, state, period, plan_id, plan_name_en, plan_name_ar, duration_days, accounts,
		                            price_minor, currency, grace_days, frozen_on, frozen_days, created_by)
		 SELECT n, CASE WHEN n % 40 = 3 AND m = 11 THEN 'suspended' ELSE 'live' END,
		        daterange(start, start + CASE WHEN n % 40 = 3 AND m = 11 THEN 10 ELSE 30 END),
		        CASE WHEN n % 1000 = 7 THEN 2 ELSE 1 END, 'Monthly', 'شهري', 30, 3, 50000, 'EGP', 7,
		        CASE WHEN n % 40 = 3 AND m = 11 THEN start + 10 END, CASE WHEN n % 40 = 3 AND m = 11 THEN 20 END, 1
		 FROM generate_series(1, ` + fmt.Sprint(clinics) + `) n, generate_series(0, 11) m,
		      LATERAL (SELECT date '2026-03-01' - 345 + (n % 25) + m * 30 - CASE WHEN n % 40 < 2 THEN 35 + n % 40 * 100 ELSE 0 END AS start) s
		 WHERE n % 40 <> 2`,
		`ALTER TABLE subscriptions ENABLE TRIGGER subscriptions_stand_clinic`,
		`SELECT stand_clinic(clinic_id) FROM clinics`,
		`INSERT INTO subscription_events (clinic_id, subscription_id, seq, kind, at, actor, after, idempotency_key)
		 SELECT clinic_id, subscription_id, 1, 'created', lower(period), 1, '{}', gen_random_uuid() FROM subscriptions`,
		`INSERT INTO payments (clinic_id, subscription_id, kind, amount_minor, currency, method_id, paid_on, created_at, created_by, idempotency_key)
		 SELECT clinic_id, subscription_id, 'payment', 50000, 'EGP', 1, lower(period), lower(period), 1, gen_random_uuid() FROM subscriptions`,
		`VACUUM ANALYZE`,
	} {
		if _, err := root.Exec(b.Context(), sql); err != nil {
			b.Fatalf("%v\n%s", err, sql)
		}
	}
	database, err := db.Open(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(database.Close)
	h := &house{t: b, db: database, clock: clock.At(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))}
	h.Subscriptions = subscription.New(h.db, h.clock)
	return h
}

// BenchmarkClinics times what admins and everybody who speaks ask for, with the worst of a hundred.
func BenchmarkClinics(b *testing.B) {
	for _, clinics := range []int{1_000, 10_000} {
		h := newCity(b, clinics)
		page := func(filter subscription.Filter, at subscription.ClinicMark) func(context.Context, int) error {
			return func(ctx context.Context, _ int) error {
				_, err := h.ClinicPage(ctx, nadia, filter, at, 20)
				return err
			}
		}
		people := staff.New(h.db, h.clock)
		cairo := time.FixedZone("Cairo", 2*60*60)
		for _, c := range []struct {
			name string
			ask  func(context.Context, int) error
		}{
			{"page", page(subscription.Filter{}, subscription.ClinicMark{})},
			{"page/middle", page(subscription.Filter{}, subscription.ClinicMark{ClinicID: 500})},
			{"page/back", page(subscription.Filter{}, subscription.ClinicMark{Back: true, ClinicID: 500})},
			{"page/grace", page(subscription.Filter{Status: staff.ClinicGrace}, subscription.ClinicMark{})},
			{"page/inactive", page(subscription.Filter{Status: staff.ClinicInactive}, subscription.ClinicMark{})},
			{"page/none", page(subscription.Filter{Status: staff.ClinicDeactivated}, subscription.ClinicMark{})},
			{"page/plan", page(subscription.Filter{PlanID: 1}, subscription.ClinicMark{})},
			{"page/rare_plan", page(subscription.Filter{PlanID: 2}, subscription.ClinicMark{})},
			{"page/text", page(subscription.Filter{Text: "ner c4c"}, subscription.ClinicMark{})},
			{"page/phone", page(subscription.Filter{Text: "0100000077"}, subscription.ClinicMark{})},
			{"by_end", func(ctx context.Context, _ int) error {
				_, err := h.ByEnd(ctx, nadia, subscription.OpenTerm{}, 20)
				return err
			}},
			{"month", func(ctx context.Context, _ int) error {
				_, err := h.MonthChanges(ctx, nadia, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), cairo, subscription.Event{}, 20)
				return err
			}},
			{"standing", func(ctx context.Context, i int) error {
				_, err := h.CurrentOf(ctx, nadia, int64(1+i*7%clinics))
				return err
			}},
			{"speaker", func(ctx context.Context, i int) error {
				_, err := people.Find(ctx, int64(1+i*7%clinics), "en")
				return err
			}},
		} {
			b.Run(fmt.Sprintf("%d/%s", clinics, c.name), func(b *testing.B) {
				var took []time.Duration
				for i := 0; b.Loop(); i++ {
					began := time.Now()
					if err := c.ask(b.Context(), i); err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(began))
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			})
		}
	}
}
