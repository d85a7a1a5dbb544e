package registry

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/nyaruka/phonenumbers"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

const (
	// HitsPage is how many hits a page of a search has.
	HitsPage = 10
	// MaxSearch is how many characters a search may have. Names are longer; what anybody types of one is not.
	MaxSearch = 100
)

// A Match is why an owner was found: the lower, the better.
type Match int

// The matches, in the order in which hits come.
const (
	MatchCode   Match = iota // the code of the owner or of a pet was typed, and nothing else
	MatchNumber              // a number was typed, and nothing else: a phone or microchip begins or ends with it
	MatchWhole               // the whole name of the owner or of a pet, but for spaces
	MatchStart               // the beginning of it
	MatchWords               // each word begins some word of the owner's name or of a pet's
	MatchNear                // nothing was found; this may have been meant
)

// A Hit is an owner who was found.
type Hit struct {
	ID          int64
	Code        string
	Name        string
	Phone       string
	SecondPhone string   // empty: none
	Pets        []string // names of the living, and of those that were looked for; the latter first
	Match       Match
}

// A Mark says where a page begins: after a hit, or, going back, where it ends: before one. The zero Mark is the first page.
// A mark need not be of a hit that is still there.
type Mark struct {
	Back    bool
	Match   Match
	OwnerID int64
}

// Found is a page of what a search has found.
type Found struct {
	Typed string // as it was looked for: in one line, without what cannot be seen
	Hits  []Hit
	From  int // the place of the first of them among all; 0: there are none
	Total int
}

// Near reports whether nothing was found and these are owners who may have been meant.
func (f Found) Near() bool { return len(f.Hits) > 0 && f.Hits[0].Match == MatchNear }

// Earlier returns the mark of the page before, if there is one.
func (f Found) Earlier() (Mark, bool) {
	if f.From <= 1 {
		return Mark{}, false
	}
	return Mark{Back: true, Match: f.Hits[0].Match, OwnerID: f.Hits[0].ID}, true
}

// Later returns the mark of the page after, if there is one.
func (f Found) Later() (Mark, bool) {
	if f.From == 0 || f.From+len(f.Hits) > f.Total {
		return Mark{}, false
	}
	last := f.Hits[len(f.Hits)-1]
	return Mark{Match: last.Match, OwnerID: last.ID}, true
}

// Search finds the clinic's owners by what somebody remembers of them.
//
// Letters are compared as search_key (migrations/00009_search.sql) sees them: case, accents, vowel signs, hamza, taa
// marbuta and the like do not count, and what is neither letter nor digit only parts words. An owner is found if
//
//   - a code is typed that is theirs or a pet's; or
//   - every word typed begins a word of the owner's name or of a pet's name, the Arabic article being there or not on
//     either side, and عبد being a word of its own or not; every number typed does so, or has three digits and begins or
//     ends a phone of the owner's or of a card that went into theirs (with the calling code or the national way) or a
//     pet's microchip; or
//   - all that is typed, its spaces left out, begins such a name, from any of its words on, its spaces left out too: so
//     عبدالرحمن finds عبد الرحمن, and the other way round.
//
// Hits come by their Match, and among equals the later registered first. Where nothing is found, the first page has up to
// HitsPage near matches: every word may also sound like a word of the name (search_sound: أحمد and Ahmad sound alike), or
// have one or two letters wrong, missing or too many, but not the first.
//
// What is no search is refused as an Invalid of FieldSearch.
func (r *Registry) Search(ctx context.Context, by staff.Member, typed string, at Mark) (Found, error) {
	if !by.May(staff.RightReadRegistry) {
		return Found{}, staff.ErrNotAllowed
	}
	typed, err := parseSearch(typed)
	if err != nil {
		return Found{}, err
	}
	found, err := r.searchPage(ctx, by, typed, at)
	switch {
	case err != nil:
		return Found{}, err
	case at == Mark{} && len(found.Hits) == 0:
		return r.searchNear(ctx, by, typed)
	case at.Back && len(found.Hits) < HitsPage, at != Mark{} && len(found.Hits) == 0:
		// So few are before the mark that they begin the first page; or what was after it is gone.
		return r.searchPage(ctx, by, typed, Mark{})
	}
	return found, nil
}

// parseSearch reads what was typed as far as it takes no database to refuse it.
func parseSearch(typed string) (string, error) {
	typed, ok := clean(typed)
	switch {
	case !ok:
		return "", Invalid{FieldSearch, ReasonUnreadable}
	case utf8.RuneCountInString(typed) > MaxSearch:
		return "", Invalid{FieldSearch, ReasonTooLong}
	}
	for _, c := range typed {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return typed, nil
		}
	}
	return "", Invalid{FieldSearch, ReasonEmpty}
}

// Digits returns the decimal digits in a text, of whatever script, as 0-9.
func Digits(text string) string {
	return strings.Map(func(r rune) rune {
		if d, ok := digit(r); ok {
			return d
		}
		return -1
	}, text)
}

func (r *Registry) searchPage(ctx context.Context, by staff.Member, typed string, at Mark) (Found, error) {
	which := db.OwnerSearchParams{
		ClinicID: by.ClinicID, Typed: typed, CallingCode: strconv.Itoa(phonenumbers.GetCountryCodeForRegion(by.Country)),
		Backward: at.Back, MarkRank: int32(at.Match), MarkOwner: at.OwnerID, AtMost: HitsPage,
	}
	if at == (Mark{}) {
		which.MarkRank = -1 // before every hit
	}
	if code, err := ParseCode(typed); err == nil {
		which.Code = code
	}
	rows, err := r.query.OwnerSearch(ctx, by.Scope(r.db).Listing(), which)
	if err != nil {
		return Found{}, fmt.Errorf("search owners: %w", err)
	}
	found := Found{Typed: typed}
	for _, row := range rows {
		found.Hits = append(found.Hits, Hit{
			ID: row.OwnerID, Code: row.Code, Name: row.FullName, Phone: row.Phone, SecondPhone: value(row.SecondPhone),
			Pets: row.Pets, Match: Match(row.Rank),
		})
	}
	if len(rows) > 0 {
		found.From, found.Total = int(rows[0].Place), int(rows[0].Total)
	}
	return found, nil
}

func (r *Registry) searchNear(ctx context.Context, by staff.Member, typed string) (Found, error) {
	rows, err := r.query.OwnerSearchNear(ctx, by.Scope(r.db).Listing(), db.OwnerSearchNearParams{
		ClinicID: by.ClinicID, Typed: typed, AtMost: HitsPage,
	})
	if err != nil {
		return Found{}, fmt.Errorf("search near matches: %w", err)
	}
	found := Found{Typed: typed, Total: len(rows), From: min(1, len(rows))}
	for _, row := range rows {
		found.Hits = append(found.Hits, Hit{
			ID: row.OwnerID, Code: row.Code, Name: row.FullName, Phone: row.Phone, SecondPhone: value(row.SecondPhone),
			Pets: row.Pets, Match: MatchNear,
		})
	}
	return found, nil
}

// KeepSearch keeps what a member has typed under a number, for the buttons below its hits. The member's 32 latest are kept.
func (r *Registry) KeepSearch(ctx context.Context, by staff.Member, typed string) (number int, err error) {
	if !by.May(staff.RightReadRegistry) {
		return 0, staff.ErrNotAllowed
	}
	if typed, err = parseSearch(typed); err != nil {
		return 0, err
	}
	kept, err := r.query.SearchKeep(ctx, by.Scope(r.db), db.SearchKeepParams{
		ClinicID: by.ClinicID, StaffID: by.StaffID, Typed: typed, Now: r.clock.Now(),
	})
	if err != nil {
		return 0, fmt.Errorf("keep a search: %w", err)
	}
	return int(kept), nil
}

// KeptSearch returns what the member has typed under the number, or ErrNotFound if that is no longer kept.
func (r *Registry) KeptSearch(ctx context.Context, by staff.Member, number int) (string, error) {
	if !by.May(staff.RightReadRegistry) {
		return "", staff.ErrNotAllowed
	}
	typed, err := r.query.SearchKept(ctx, by.Scope(r.db), db.SearchKeptParams{
		ClinicID: by.ClinicID, StaffID: by.StaffID, Number: int32(number),
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return "", ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("read a kept search: %w", err)
	}
	return typed, nil
}
