package staff

import (
	"slices"
	"time"

	"vetalyze/db"
)

const (
	// mostRemembered are remembered at once, in a few megabytes: more than are at work at the same time on a small server.
	mostRemembered = 8192
	// rememberTime is how long one is.
	rememberTime = 5 * time.Minute
)

// concerns says whether an announcement makes a speaker doubtful. Their currency is on the list of countries.
func concerns(a db.Announcement, telegramID int64, speaker Speaker) bool {
	switch a.About {
	case db.AboutPerson:
		return a.ID == telegramID
	case db.AboutClinic:
		return slices.ContainsFunc(speaker.Memberships, func(m Member) bool { return m.ClinicID == a.ID })
	}
	return true
}

// clone returns the speaker with memberships of its own.
func (s Speaker) clone() Speaker {
	s.Memberships = slices.Clone(s.Memberships)
	if s.Member != nil {
		clinicID := s.Member.ClinicID
		at := slices.IndexFunc(s.Memberships, func(m Member) bool { return m.ClinicID == clinicID })
		s.Member = &s.Memberships[at]
	}
	return s
}
