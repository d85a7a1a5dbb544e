package staff_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"vetalyze/db"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/staff"
)

// recall finds a speaker in a context that allows what is remembered, and says whether PostgreSQL was asked.
func (p *platform) recall(telegramID int64) (speaker staff.Speaker, asked bool) {
	p.t.Helper()
	ctx, trips := db.Watch(db.Remembering(p.t.Context()))
	speaker, err := p.Find(ctx, telegramID, "en")
	p.must(err)
	return speaker, trips.Count() > 0
}

// remembered finds a speaker until that takes no question: the last change may be heard once more meanwhile.
func (p *platform) remembered(telegramID int64) staff.Speaker {
	p.t.Helper()
	for {
		if speaker, asked := p.recall(telegramID); !asked {
			return speaker
		}
	}
}

// wholly compares speakers; TimeZone tells their zones apart.
var wholly = cmpopts.IgnoreUnexported(staff.Member{})

// TestRememberedSpeakersAreForgottenWithEveryChange changes one after the other whatever a speaker is made of.
func TestRememberedSpeakersAreForgottenWithEveryChange(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	owner := p.clinic(ownerID)
	another := p.clinic(anotherID)
	member := p.hire(owner, personID)
	p.hire(another, personID)
	pgtest.Hear(t, p.db)
	for _, change := range []struct {
		sql  string
		args []any
	}{
		{"UPDATE people SET language = 'en' WHERE telegram_id = $1", []any{personID}},
		{"UPDATE people SET menu = 'desk-en' WHERE telegram_id = $1", []any{personID}},
		{"UPDATE people SET chosen_clinic_id = $2 WHERE telegram_id = $1", []any{personID, owner.ClinicID}},
		{"UPDATE staff SET role = 'doctor' WHERE staff_id = $1", []any{member.StaffID}},
		{"UPDATE staff SET full_name = 'Mona Adel Saad' WHERE staff_id = $1", []any{member.StaffID}},
		{"UPDATE clinics SET name = 'Nile Vets' WHERE clinic_id = $1", []any{owner.ClinicID}},
		{"UPDATE clinics SET time_zone = 'Asia/Riyadh' WHERE clinic_id = $1", []any{owner.ClinicID}},
		{"UPDATE clinics SET country_code = 'KW' WHERE clinic_id = $1", []any{owner.ClinicID}},
		{"UPDATE countries SET currency = 'USD', currency_exponent = 2 WHERE country_code = 'KW'", nil},
		{"UPDATE subscriptions SET state = 'suspended', frozen_on = '2026-03-05', frozen_days = 26 WHERE clinic_id = $1", []any{owner.ClinicID}},
		{"UPDATE subscriptions SET state = 'closed', frozen_on = NULL, frozen_days = NULL, close_reason = 'replaced', closed_at = now() WHERE clinic_id = $1", []any{owner.ClinicID}},
		{"UPDATE clinics SET deactivated_at = now() WHERE clinic_id = $1", []any{owner.ClinicID}},
		{"INSERT INTO admins (telegram_id, name) VALUES ($1, 'Mona')", []any{personID}},
		{"UPDATE admins SET name = 'Mona A' WHERE telegram_id = $1", []any{personID}},
		{"UPDATE admins SET stopped_at = now() WHERE telegram_id = $1", []any{personID}},
		{"UPDATE staff SET stopped_at = now(), stopped_by = 1 WHERE staff_id = $1", []any{member.StaffID}},
		{"UPDATE staff SET stopped_at = NULL, stopped_by = NULL WHERE staff_id = $1", []any{member.StaffID}},
	} {
		before := p.remembered(personID)
		p.do(change.sql, change.args...)
		got, _ := p.recall(personID)
		if diff := cmp.Diff(p.find(personID), got, wholly); diff != "" {
			t.Errorf("%s: remembered as before (-is +remembered)\n%s", change.sql, diff)
		}
		if cmp.Equal(before, got, wholly) {
			t.Errorf("%s: changes nothing of a speaker", change.sql)
		}
	}
}

// TestNobodyIsRememberedAcrossTheirDay has a term end at midnight in Cairo, and the clock put back before it.
func TestNobodyIsRememberedAcrossTheirDay(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.clinic(ownerID)
	pgtest.Hear(t, p.db)
	cairo := p.remembered(ownerID).Member.Zone()
	for _, moment := range []struct {
		at     time.Time
		access staff.Access
	}{
		{time.Date(2026, 3, 30, 23, 59, 0, 0, cairo), staff.AccessFull},
		{time.Date(2026, 3, 31, 0, 0, 0, 0, cairo), staff.AccessGrace},
		{time.Date(2026, 3, 30, 23, 58, 0, 0, cairo), staff.AccessFull},
		{time.Date(2026, 4, 6, 23, 59, 59, 0, cairo), staff.AccessGrace},
		{time.Date(2026, 4, 7, 0, 0, 1, 0, cairo), staff.AccessRead},
	} {
		p.clock.Set(moment.at)
		if got := p.remembered(ownerID).Member.Access; got != moment.access {
			t.Errorf("at %v: %v, want %v", moment.at, got, moment.access)
		}
	}
	p.clock.Advance(6 * time.Minute)
	if _, asked := p.recall(ownerID); !asked {
		t.Error("remembered for longer than five minutes")
	}
}

func TestWhatIsRememberedIsNobodysToChange(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.clinic(ownerID)
	pgtest.Hear(t, p.db)
	speaker := p.remembered(ownerID)
	speaker.Member.Role, speaker.Memberships[0].Name = staff.RoleDoctor, "Somebody"
	if diff := cmp.Diff(p.find(ownerID), p.remembered(ownerID), wholly); diff != "" {
		t.Errorf("(-is +remembered)\n%s", diff)
	}
}
