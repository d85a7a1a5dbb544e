package bot_test

import (
	"testing"
	"time"

	"vetalyze/db"
	"vetalyze/internal/reference"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// monthly is a plan that becomes known when somebody buys it.
var monthly = reference.Plan{
	NameEN: "Monthly", NameAR: "شهري", DurationDays: 30, Accounts: 3, PriceMinor: 60000, Currency: "EGP", GraceDays: 7,
}

// stand has Nadia do something about a clinic's subscription, without chatting.
func (s *stage) stand(t *testing.T, clinic, what string) {
	t.Helper()
	ctx, subscriptions := t.Context(), subscription.New(s.db, s.clock)
	nadia, err := s.staff.Find(ctx, s.person(t, "Nadia").ID, "en")
	must(t, err)
	clinicID := s.clinic(t, clinic)
	standing, err := subscriptions.CurrentOf(ctx, nadia, clinicID)
	must(t, err)
	change := subscription.Change{Key: db.NewKey(), ClinicID: clinicID, Comment: "as the test says"}
	if standing.Current != nil {
		change.TermID, change.Version = standing.Current.ID, standing.Current.Version
	}
	sale := subscription.Sale{Key: db.NewKey(), ClinicID: clinicID, MethodID: 1, PlanID: 1}
	switch what {
	case "is suspended":
		_, err = subscriptions.Suspend(ctx, nadia, change)
	case "goes on":
		_, err = subscriptions.Resume(ctx, nadia, change)
	case "is refunded":
		_, err = subscriptions.Refund(ctx, nadia, change, standing.Current.Paid.Minor)
	case "buys a year":
		_, err = subscriptions.Create(ctx, nadia, sale)
	case "buys a month":
		sale.PlanID = s.planID(t, nadia, monthly)
		_, err = subscriptions.Create(ctx, nadia, sale)
	case "buys a month for later":
		sale.PlanID, sale.Start = s.planID(t, nadia, monthly), standing.Today.AddDate(0, 0, 10)
		_, err = subscriptions.Create(ctx, nadia, sale)
	case "is closed":
		err = subscriptions.Deactivate(ctx, nadia, clinicID)
	case "is opened":
		err = subscriptions.Reactivate(ctx, nadia, clinicID)
	default:
		t.Fatalf("nobody knows how a clinic %s", what)
	}
	must(t, err)
}

// open takes a clinic in, whose owner does not come, and sells it a month.
func (s *stage) open(t *testing.T, name string) {
	t.Helper()
	nadia, err := s.staff.Find(t.Context(), s.person(t, "Nadia").ID, "en")
	must(t, err)
	_, err = s.staff.CreateClinic(t.Context(), nadia, staff.NewClinic{
		Key: db.NewKey(), Country: "EG", Name: name, OwnerName: "Hany Nabil", OwnerPhone: "+201001119999",
	})
	must(t, err)
	s.stand(t, name, "buys a month")
}

// loseZone gives a clinic's days a time zone that PostgreSQL does not know, as after an upgrade, and lets that be found.
func (s *stage) loseZone(t *testing.T, clinic string) {
	t.Helper()
	for _, lose := range []string{"time_zone = 'Africa/Meroe'", "day_zone = 'Africa/Meroe'"} {
		_, err := s.db.Platform().Exec(t.Context(), "UPDATE clinics SET "+lose+" WHERE name = $1", clinic)
		must(t, err)
	}
	must(t, s.reminders.KeepZones(t.Context()))
}

// pass lets days go by.
func (s *stage) pass(days int) {
	s.clock.Advance(time.Duration(days) * 24 * time.Hour)
	s.sim.Wake()
}

// clinic is the id of a clinic of the stage.
func (s *stage) clinic(t *testing.T, name string) (id int64) {
	t.Helper()
	must(t, s.db.Platform().QueryRow(t.Context(), "SELECT clinic_id FROM clinics WHERE name = $1", name).Scan(&id))
	return id
}

func (s *stage) planID(t *testing.T, nadia staff.Speaker, plan reference.Plan) int {
	t.Helper()
	lists := reference.New(s.db, s.redis, s.clock)
	plans, err := lists.Plans(t.Context())
	must(t, err)
	for _, known := range plans {
		if known.NameEN == plan.NameEN {
			return known.ID
		}
	}
	id, err := lists.AddPlan(t.Context(), nadia, db.NewKey(), plan)
	must(t, err)
	return id
}
