package registry_test

import (
	"os"
	"testing"
	"time"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// desk is the front desks of two clinics over one database.
type desk struct {
	*registry.Registry
	t           testing.TB
	db          *db.DB
	clock       *clock.Clock
	mona, salma staff.Member // receptionists of one clinic, and of another
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	return deskOn(t, pgtest.New(t))
}

func deskOn(t testing.TB, database *db.DB) *desk {
	t.Helper()
	now := clock.At(today.Add(10 * time.Hour))
	d := &desk{t: t, db: database, clock: now, Registry: registry.New(database, now)}
	d.mona = d.receptionist("Mona Adel", "+201000000001", 101)
	d.salma = d.receptionist("Salma Fathy", "+201000000002", 102)
	return d
}

// receptionist opens a clinic and employs one.
func (d *desk) receptionist(name, phone string, telegramID int64) staff.Member {
	d.t.Helper()
	member := staff.Member{
		TelegramID: telegramID, Name: name, Role: staff.RoleReceptionist, Country: "EG", TimeZone: "Africa/Cairo", Access: staff.AccessFull,
	}
	err := d.db.Platform().QueryRow(d.t.Context(), `
		WITH clinic AS (
			INSERT INTO clinics (name, owner_name, owner_phone, country_code, time_zone, creation_key, created_by)
			VALUES ('Clinic of ' || $1, 'Hany Nabil', $2, 'EG', 'Africa/Cairo', $3, 1)
			RETURNING clinic_id
		)
		INSERT INTO staff (clinic_id, role, full_name, phone, telegram_id, invited_by, joined_at)
		SELECT clinic_id, 'receptionist', $1, $2, $4, 1, now() FROM clinic
		RETURNING clinic_id, staff_id`, name, phone, db.NewKey(), telegramID).Scan(&member.ClinicID, &member.StaffID)
	d.must(err)
	return member
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// do runs a statement in a member's clinic.
func (d *desk) do(by staff.Member, sql string, args ...any) {
	d.t.Helper()
	_, err := by.Scope(d.db).Exec(d.t.Context(), sql, args...)
	d.must(err)
}

func (d *desk) count(by staff.Member, table string) (n int) {
	d.t.Helper()
	d.must(by.Scope(d.db).QueryRow(d.t.Context(), "SELECT count(*) FROM "+table).Scan(&n))
	return n
}

func (d *desk) register(by staff.Member, what registry.Registration) registry.Owner {
	d.t.Helper()
	owner, err := d.Register(d.t.Context(), by, what)
	d.must(err)
	return owner
}

func (d *desk) card(by staff.Member, ownerID int64) registry.Owner {
	d.t.Helper()
	owner, err := d.Card(d.t.Context(), by, ownerID)
	d.must(err)
	return owner
}

// ahmed is a new owner with so many cats.
func ahmed(cats int) registry.Registration {
	what := registry.Registration{Key: db.NewKey(), Name: "Ahmed Ali", Phone: "+201001234567"}
	for range cats {
		what.Pets = append(what.Pets, registry.NewPet{Name: "Mimi", SpeciesID: 2})
	}
	return what
}
