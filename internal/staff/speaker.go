package staff

import (
	"context"
	"fmt"
	"time"

	"vetalyze/db"
	"vetalyze/internal/clock"
)

// A Speaker is who an update comes from. A stranger is no admin and has no membership.
type Speaker struct {
	TelegramID  int64
	Language    string   // "en" or "ar"
	Menu        string   // the command menu last set for the chat
	Admin       bool     // of the platform
	AdminName   string   // what an admin was called the last time they wrote
	Member      *Member  // at the clinic chosen; nil: works at no clinic
	Memberships []Member // at every clinic, the first joined first
}

// Known says whether the speaker is anybody here.
func (s Speaker) Known() bool { return s.Admin || s.Member != nil }

// Platform returns the way to what the platform may see and write, if the speaker is an admin with the right:
// ErrNotAllowed otherwise.
func (s Speaker) Platform(d *db.DB, right Right) (db.Scope, error) {
	if !s.Admin || !s.May(right) {
		return db.Scope{}, ErrNotAllowed
	}
	return d.Platform(), nil
}

// A Member is a person at work in one clinic. What belongs to the clinic is reached through its Scope only.
type Member struct {
	TelegramID       int64
	Language         string
	ClinicID         int64
	StaffID          int64
	Role             Role
	Name             string
	ClinicName       string
	Country          string // ISO code; phones are read as this country's
	TimeZone         string // IANA name, of the zone that the clinic's days go by
	Currency         string
	CurrencyExponent int
	Standing         Standing // of the clinic, today
	Access           Access   // what follows from it

	zone *time.Location // of TimeZone, where it has been loaded
}

// Scope returns the way to what belongs to the member's clinic.
func (m Member) Scope(d *db.DB) db.Scope { return d.Clinic(m.ClinicID) }

// Zone returns the clinic's time zone; UTC should this binary not know it.
func (m Member) Zone() *time.Location {
	if m.zone != nil {
		return m.zone
	}
	zone, err := time.LoadLocation(m.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Find says who speaks, in one query; or without one where the context allows what is remembered (db.Remembering) and nothing has
// changed since. An account that speaks for the first time is remembered with the language guessed for it, and one marked as
// unreachable is reachable again.
func (s *Staff) Find(ctx context.Context, telegramID int64, guessedLanguage string) (Speaker, error) {
	now := s.clock.Now()
	if known, ok := s.speakers.Recall(ctx, telegramID, now); ok {
		return known.clone(), nil
	}
	remember := s.speakers.Reading(now)
	scope := s.db.Person(telegramID)
	rows, err := s.query.SpeakerFind(ctx, scope, telegramID, now)
	if err != nil {
		return Speaker{}, fmt.Errorf("find the speaker: %w", err)
	}

	first := rows[0] // there is always one
	speaker := Speaker{
		TelegramID: telegramID, Language: value(first.Language), Menu: value(first.Menu), Admin: first.IsAdmin,
		AdminName: first.AdminName,
	}
	if first.Language == nil {
		speaker.Language = guessedLanguage
	}
	for _, row := range rows {
		if row.ClinicID != nil {
			speaker.Memberships = append(speaker.Memberships, s.member(speaker, row))
		}
	}
	speaker.choose(value(first.ChosenClinicID))
	switch {
	case first.Language == nil:
		err = s.query.PersonMeet(ctx, scope, db.PersonMeetParams{TelegramID: telegramID, Language: guessedLanguage, Now: now})
		if err != nil {
			return Speaker{}, fmt.Errorf("meet the speaker: %w", err)
		}
	case first.UnreachableSince != nil:
		if err := s.Revive(ctx, telegramID); err != nil {
			return Speaker{}, err
		}
	default:
		remember(telegramID, speaker.clone(), clock.Undivided(now, rememberTime))
	}
	return speaker, nil
}

// choose makes the member that of the chosen clinic; of the first still open, should that one not be theirs any more.
func (s *Speaker) choose(clinicID int64) {
	for i := range s.Memberships {
		member := &s.Memberships[i]
		if member.ClinicID == clinicID {
			s.Member = member
			return
		}
		if s.Member == nil || s.Member.Access == AccessNone && member.Access > AccessNone {
			s.Member = member
		}
	}
}

func (s *Staff) member(speaker Speaker, row db.SpeakerFindRow) Member {
	standing := Standing{Status: ClinicStatus(row.Status), Until: row.StatusUntil}
	return Member{
		TelegramID:       speaker.TelegramID,
		Language:         speaker.Language,
		ClinicID:         *row.ClinicID,
		StaffID:          value(row.StaffID),
		Role:             Role(value(row.Role)),
		Name:             value(row.FullName),
		ClinicName:       value(row.ClinicName),
		Country:          value(row.CountryCode),
		TimeZone:         value(row.DayZone),
		Currency:         value(row.Currency),
		CurrencyExponent: int(value(row.CurrencyExponent)),
		Standing:         standing,
		Access:           accessOf(standing.Status),
		zone:             s.zone(value(row.DayZone)),
	}
}

// value returns what a column holds; the zero value for NULL.
func value[T any](column *T) T {
	if column == nil {
		var zero T
		return zero
	}
	return *column
}
