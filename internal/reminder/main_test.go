package reminder_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/jackc/pgx/v5"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/reminder"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// The admin who sells.
var nadia = staff.Speaker{TelegramID: 1, Admin: true}

// The plans of every house.
const (
	monthly   int = 1 + iota // 30 days, 7 of grace
	yearly                   // 365 days, 7 of grace
	weekly                   // 7 days, 2 of grace
	graceless                // 30 days, none
)

// A house is a database with plans, in which clinics are made and reminded.
type house struct {
	t      testing.TB
	db     *db.DB
	url    string
	clock  *clock.Clock
	cairo  *time.Location
	terms  *subscription.Subscriptions
	people *staff.Staff
	*reminder.Reminders
}

// newHouse opens on 1 March 2026, ten in the morning in Cairo.
func newHouse(t testing.TB) *house {
	t.Helper()
	return furnished(houseOn(t, pgtest.URL(t), reminder.Config{}))
}

// furnished puts the plans on sale.
func furnished(h *house) *house {
	h.t.Helper()
	h.do(`INSERT INTO plans (plan_id, name_en, name_ar, duration_days, accounts, price_minor, currency, grace_days)
	      VALUES (1, 'Monthly', 'شهري', 30, 3, 50000, 'EGP', 7), (2, 'Yearly', 'سنوي', 365, 3, 500000, 'EGP', 7),
	             (3, 'Weekly', 'أسبوعي', 7, 1, 0, 'EGP', 2), (4, 'Graceless', 'بلا مهلة', 30, 3, 50000, 'EGP', 0)`)
	return h
}

// houseOn opens one on a database, beside others that may be there.
func houseOn(t testing.TB, url string, config reminder.Config) *house {
	t.Helper()
	h := &house{t: t, url: url, clock: config.Clock}
	if h.clock == nil {
		h.clock = clock.At(day(t, "2026-03-01").Add(8 * time.Hour))
	}
	var err error
	h.db, err = db.Open(t.Context(), url)
	h.must(err)
	t.Cleanup(h.db.Close)
	h.cairo, err = time.LoadLocation("Africa/Cairo")
	h.must(err)
	h.terms = subscription.New(h.db, h.clock)
	h.people = staff.New(h.db, h.clock)
	config.Logger = slog.New(slog.DiscardHandler)
	config.DB, config.Clock = h.db, h.clock
	if config.Zone == nil {
		config.Zone = h.cairo
	}
	h.Reminders = reminder.New(config)
	return h
}

func (h *house) do(sql string, args ...any) {
	h.t.Helper()
	_, err := h.db.Platform().Exec(h.t.Context(), sql, args...)
	h.must(err)
}

// root runs a statement as the superuser.
func (h *house) root(sql string, args ...any) {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.url)
	h.must(err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(h.t.Context(), sql, args...)
	h.must(err)
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// at moves the clock to a time in Cairo.
func (h *house) at(moment string) {
	h.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", moment, h.cairo)
	h.must(err)
	h.clock.Set(at)
}

// admin makes an account an admin who has written to the bot.
func (h *house) admin(id int64, language string) {
	h.t.Helper()
	h.do(`INSERT INTO admins (telegram_id, added_at) VALUES ($1, '2020-01-01')`, id)
	h.do(`INSERT INTO people (telegram_id, language) VALUES ($1, $2)`, id, language)
}

// clinic makes one in a zone, whose owner is bound to an account; 0: to none.
func (h *house) clinic(name, zone string, owner int64) (id int64) {
	h.t.Helper()
	h.must(h.db.Platform().QueryRow(h.t.Context(), `
		INSERT INTO clinics (name, owner_name, owner_phone, country_code, time_zone, creation_key, created_by)
		VALUES ($1, 'Mona Sabry', '+201000000000', 'EG', $2, gen_random_uuid(), 1) RETURNING clinic_id`, name, zone).Scan(&id))
	if owner != 0 {
		h.do(`INSERT INTO people (telegram_id, language) VALUES ($1, 'en') ON CONFLICT DO NOTHING`, owner)
		h.do(`INSERT INTO staff (clinic_id, role, full_name, phone, invited_by, telegram_id, joined_at)
		      VALUES ($1, 'clinic_owner', 'Mona Sabry', '+201000000000', 1, $2, now())`, id, owner)
	}
	return id
}

// sell sells a clinic a term from today on, or after the one it has.
func (h *house) sell(clinicID int64, planID int) subscription.Term {
	h.t.Helper()
	term, err := h.terms.Create(h.t.Context(), nadia, subscription.Sale{
		Key: db.NewKey(), ClinicID: clinicID, PlanID: planID, MethodID: 1,
	})
	h.must(err)
	return term
}

// A phone keeps the letters that were sent, or fails as it is told.
type phone struct {
	mu      sync.Mutex // guards what follows
	letters []reminder.Letter
	at      []time.Time
	fail    func(reminder.Letter) error // nil: nothing fails
	house   *house
}

func (h *house) phone() *phone { return &phone{house: h} }

func (p *phone) post() reminder.Post { return reminder.Post{Send: p.send} }

func (p *phone) send(_ context.Context, letter reminder.Letter) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		if err := p.fail(letter); err != nil {
			return 0, err
		}
	}
	p.letters, p.at = append(p.letters, letter), append(p.at, p.house.clock.Now())
	return len(p.letters), nil
}

// tick is what happens every minute: planning, then delivery. It returns the letters that came, as tests read them.
func (p *phone) tick() []string {
	p.house.t.Helper()
	before := len(p.letters)
	p.house.must(p.house.Plan(p.house.t.Context()))
	p.house.must(p.house.Deliver(p.house.t.Context(), p.post()))
	var came []string
	for _, letter := range p.letters[before:] {
		came = append(came, says(letter))
	}
	slices.Sort(came) // several are sent at once
	return came
}

// says writes a letter as tests read it: "11: Happy Paws 7".
func says(letter reminder.Letter) string {
	var about []string
	for _, item := range letter.Items {
		said := fmt.Sprintf("%s %d", item.ClinicName, item.DaysLeft())
		if letter.Kind == reminder.KindEnded {
			said = item.ClinicName + " " + cmp.Or(item.Closed, "expired")
		}
		about = append(about, said)
	}
	if letter.Kind == reminder.KindDigest {
		about = []string{"digest"}
	}
	return fmt.Sprintf("%d: %s", letter.To, strings.Join(about, ", "))
}

// states are how all notifications of a kind stand, by how many there are: "sent 2".
func (h *house) states(kind reminder.Kind) []string {
	h.t.Helper()
	rows, err := h.db.Platform().Query(h.t.Context(), `
		SELECT state || coalesce(' ' || reason, '') || ' ' || count(*) FROM notifications WHERE kind = $1
		GROUP BY state, reason ORDER BY 1`, string(kind))
	h.must(err)
	states, err := pgx.CollectRows(rows, pgx.RowTo[string])
	h.must(err)
	return states
}

func on(term subscription.Term) subscription.Change {
	return subscription.Change{
		Key: db.NewKey(), ClinicID: term.ClinicID, TermID: term.ID, Version: term.Version, Comment: "as agreed",
	}
}

func day(t testing.TB, date string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.DateOnly, date)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
