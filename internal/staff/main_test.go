package staff_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/staff"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// The accounts of the tests.
const (
	adminID   int64 = 1
	ownerID   int64 = 2
	personID  int64 = 3
	anotherID int64 = 4
)

// platform is a database with an admin.
type platform struct {
	*staff.Staff
	t     *testing.T
	db    *db.DB
	clock *clock.Clock
	admin staff.Speaker
	n     int // of clinics and invitations made
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	p := &platform{t: t, db: pgtest.New(t), clock: clock.At(time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC))}
	p.Staff = staff.New(p.db, p.clock)
	p.must(p.EnsureAdmins(t.Context(), adminID))
	p.admin = p.find(adminID)
	return p
}

func (p *platform) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *platform) find(telegramID int64) staff.Speaker {
	p.t.Helper()
	speaker, err := p.Find(p.t.Context(), telegramID, "en")
	p.must(err)
	return speaker
}

// clinic makes a clinic whose owner, of the account, has joined.
func (p *platform) clinic(owner int64) staff.Member {
	p.t.Helper()
	phone := p.phone()
	made, err := p.CreateClinic(p.t.Context(), p.admin, staff.NewClinic{
		Key: db.NewKey(), Name: fmt.Sprintf("Clinic %d", p.n), OwnerName: "Hany Nabil", OwnerPhone: phone, Country: "EG",
	})
	p.must(err)
	p.sell(made.ClinicID, "[2026-03-01,2026-03-31)", 1000)
	return *p.join(owner, made.Token, phone).Member
}

// close ends all terms of a clinic, for a test that sells others.
func (p *platform) close(clinicID int64) {
	p.t.Helper()
	p.do(`UPDATE subscriptions SET state = 'closed', close_reason = 'replaced', closed_at = now() WHERE clinic_id = $1`, clinicID)
}

// phone returns one that nobody has.
func (p *platform) phone() string {
	p.n++
	return fmt.Sprintf("+20100000%04d", p.n)
}

func (p *platform) join(telegramID int64, token, phone string) staff.Speaker {
	p.t.Helper()
	speaker, err := p.Join(p.t.Context(), staff.Joining{Token: token, TelegramID: telegramID, Language: "ar", Phone: phone})
	p.must(err)
	return speaker
}

// invite asks a receptionist in and returns the phone asked for.
func (p *platform) invite(owner staff.Member) (token, phone string) {
	p.t.Helper()
	phone = p.phone()
	token, err := p.Invite(p.t.Context(), owner, receptionist(phone))
	p.must(err)
	return token, phone
}

func receptionist(phone string) staff.Invitation {
	return staff.Invitation{Key: db.NewKey(), Role: staff.RoleReceptionist, Name: "Mona Adel", Phone: phone}
}

// hire has the account join the owner's clinic as a receptionist.
func (p *platform) hire(owner staff.Member, telegramID int64) staff.Member {
	p.t.Helper()
	token, phone := p.invite(owner)
	return *p.join(telegramID, token, phone).Member
}

// sell gives the clinic a term for so many accounts.
func (p *platform) sell(clinicID int64, period string, accounts int) {
	p.t.Helper()
	p.do(`INSERT INTO plans (plan_id, name_en, name_ar, duration_days, accounts, price_minor, currency)
	      VALUES (1, 'Monthly', 'شهري', 30, 3, 50000, 'EGP') ON CONFLICT DO NOTHING`)
	p.do(`INSERT INTO subscriptions (clinic_id, state, period, plan_id, plan_name_en, plan_name_ar, duration_days, accounts,
	                                 extra_accounts, price_minor, currency, grace_days, created_by)
	      VALUES ($1, 'live', $2::text::daterange, 1, 'Monthly', 'شهري', 30, $3, 1, 50000, 'EGP', 7, 1)`,
		clinicID, period, accounts-1)
}

func (p *platform) do(sql string, args ...any) {
	p.t.Helper()
	_, err := p.db.Platform().Exec(p.t.Context(), sql, args...)
	p.must(err)
}
