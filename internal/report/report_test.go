package report_test

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/money"
	"vetalyze/internal/reference"
	"vetalyze/internal/registry"
	"vetalyze/internal/report"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

var pounds = money.Currency{Code: "EGP", Exponent: 2}

// A house is a clinic with its owner, sold a month on 1 January 2026 in Cairo.
type house struct {
	t             *testing.T
	db            *db.DB
	clock         *clock.Clock
	staff         *staff.Staff
	subscriptions *subscription.Subscriptions
	reports       *report.Reports
	admin         staff.Speaker
	clinicID      int64
	planID        int
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, db: pgtest.New(t), clock: clock.At(time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC))}
	h.staff, h.subscriptions, h.reports = staff.New(h.db, h.clock), subscription.New(h.db, h.clock), report.New(h.db, h.clock)
	ctx := t.Context()
	h.must(h.staff.EnsureAdmins(ctx, 1))
	var err error
	h.admin, err = h.staff.Find(ctx, 1, "en")
	h.must(err)
	invite, err := h.staff.CreateClinic(ctx, h.admin, staff.NewClinic{
		Key: db.NewKey(), Country: "EG", Name: "Happy Paws", OwnerName: "Mona", OwnerPhone: "+201001110001",
	})
	h.must(err)
	h.clinicID = invite.ClinicID
	_, err = h.staff.Join(ctx, staff.Joining{TelegramID: 2, Language: "en", Token: invite.Token, Phone: "+201001110001"})
	h.must(err)
	h.planID, err = reference.New(h.db, nil, h.clock).AddPlan(ctx, h.admin, db.NewKey(), reference.Plan{
		NameEN: "Monthly", NameAR: "شهري", DurationDays: 30, Accounts: 5, PriceMinor: 60000, Currency: "EGP", GraceDays: 7,
	})
	h.must(err)
	h.sell()
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// owner is the clinic owner as she is now.
func (h *house) owner() staff.Member {
	h.t.Helper()
	speaker, err := h.staff.Find(h.t.Context(), 2, "en")
	h.must(err)
	return *speaker.Member
}

func (h *house) sell() subscription.Term {
	h.t.Helper()
	term, err := h.subscriptions.Create(h.t.Context(), h.admin, subscription.Sale{
		Key: db.NewKey(), ClinicID: h.clinicID, PlanID: h.planID, MethodID: 1,
	})
	h.must(err)
	return term
}

func (h *house) change(term subscription.Term) subscription.Change {
	return subscription.Change{Key: db.NewKey(), ClinicID: h.clinicID, TermID: term.ID, Version: term.Version, Comment: "why not"}
}

func (h *house) register(name string, channel, pets int) {
	h.t.Helper()
	registration := registry.Registration{Key: db.NewKey(), Name: name, Phone: "+201001234567", ChannelID: channel}
	for range pets {
		registration.Pets = append(registration.Pets, registry.NewPet{Name: "Rex", SpeciesID: 1})
	}
	_, err := registry.New(h.db, h.clock).Register(h.t.Context(), h.owner(), registration)
	h.must(err)
}

func (h *house) days(n int) { h.clock.Advance(time.Duration(n) * 24 * time.Hour) }

func TestOfClinic(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.register("Ahmed Ali", 1, 2)
	h.register("Laila Hassan", 0, 1)
	// 22:30 UTC on 31 January is February in Cairo.
	h.clock.Set(time.Date(2026, 1, 31, 22, 30, 0, 0, time.UTC))
	h.register("Karim Nabil", 1, 1)

	told, err := h.reports.Clinic(t.Context(), h.owner())
	h.must(err)
	january, february := 10, 11
	if told.Months[january].Month() != time.January || told.Months[february].Month() != time.February {
		t.Fatalf("the months are %v", told.Months)
	}
	if told.Owners != 3 || told.Pets != 4 {
		t.Errorf("%d owners and %d pets, want 3 and 4", told.Owners, told.Pets)
	}
	want := [][]int{{2, 1}, {3, 1}, {1, 0}}
	got := [][]int{told.OwnersByMonth[january:], told.PetsByMonth[january:], told.Joined[january:]}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("owners, pets and staff of January and February (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]report.Channel{{ID: 1, Owners: 2}, {Owners: 1}}, told.Channels); diff != "" {
		t.Errorf("channels (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]report.Staff{{Role: staff.RoleClinicOwner, Number: 1}}, told.Staff); diff != "" {
		t.Errorf("staff (-want +got):\n%s", diff)
	}
}

// TestDays follows the days served through everything that can happen to a term.
func TestDays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	h.wantDays(1)
	h.days(9)
	h.wantDays(10)
	term, err := h.subscriptions.Current(ctx, h.owner())
	h.must(err)
	suspended, err := h.subscriptions.Suspend(ctx, h.admin, h.change(*term.Current))
	h.must(err)
	h.wantDays(9) // today is not served any more
	h.days(5)
	h.wantDays(9)
	resumed, err := h.subscriptions.Resume(ctx, h.admin, h.change(suspended))
	h.must(err)
	h.wantDays(10)
	h.days(20)
	h.wantDays(30)
	h.days(5)
	h.wantDays(30)
	if resumed.Days() != 30 {
		t.Errorf("the term has %d days, want 30", resumed.Days())
	}
	second := h.sell()
	h.wantDays(31)
	h.days(2)
	_, err = h.subscriptions.Refund(ctx, h.admin, h.change(second), 20000)
	h.must(err)
	h.days(2)
	h.wantDays(32)

	told, err := h.reports.Platform(ctx, h.admin, h.clinicID)
	h.must(err)
	want := []report.Revenue{
		{NameEN: "Monthly", NameAR: "شهري", Status: "ended", Terms: 1, Currency: pounds, Received: 60000},
		{NameEN: "Monthly", NameAR: "شهري", Status: "refunded", Terms: 1, Currency: pounds, Received: 60000, Refunded: 20000},
	}
	if told.Revenue[0].Status != "ended" && told.Revenue[0].Status != "grace" {
		t.Errorf("the first term is %s", told.Revenue[0].Status)
	}
	want[0].Status = told.Revenue[0].Status
	if diff := cmp.Diff(want, told.Revenue); diff != "" {
		t.Errorf("revenue (-want +got):\n%s", diff)
	}
	if len(told.Money) != 1 || told.Money[0].Received != 120000 || told.Money[0].Refunded != 20000 {
		t.Errorf("money: %+v", told.Money)
	}
	if diff := cmp.Diff([]report.Plan{{NameEN: "Monthly", NameAR: "شهري", Terms: 2}}, told.Plans); diff != "" {
		t.Errorf("plans (-want +got):\n%s", diff)
	}
}

func (h *house) wantDays(want int) {
	h.t.Helper()
	told, err := h.reports.Platform(h.t.Context(), h.admin, h.clinicID)
	h.must(err)
	if told.Days != want {
		h.t.Errorf("on %s: %d days served, want %d", told.Today.Format(time.DateOnly), told.Days, want)
	}
	own, err := h.reports.Clinic(h.t.Context(), h.owner())
	h.must(err)
	if own.Days != want {
		h.t.Errorf("on %s the clinic is told %d days, want %d", own.Today.Format(time.DateOnly), own.Days, want)
	}
}

func TestWhoMayRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	receptionist := h.owner()
	receptionist.Role = staff.RoleReceptionist
	if _, err := h.reports.Clinic(ctx, receptionist); !errors.Is(err, report.ErrNotAllowed) {
		t.Errorf("a receptionist reads the report: %v", err)
	}
	stranger, err := h.staff.Find(ctx, 9, "en")
	h.must(err)
	if _, err := h.reports.Platform(ctx, stranger, h.clinicID); !errors.Is(err, report.ErrNotAllowed) {
		t.Errorf("a stranger reads the report: %v", err)
	}
	if _, err := h.reports.Platform(ctx, h.admin, h.clinicID+1); !errors.Is(err, report.ErrNotFound) {
		t.Errorf("a clinic that is not there: %v", err)
	}
}
