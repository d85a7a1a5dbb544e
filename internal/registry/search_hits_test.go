package registry_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vetalyze/db"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

// found searches and tells the hits in words.
func (d *desk) found(by staff.Member, typed string) (hits []string) {
	d.t.Helper()
	page, err := d.Search(d.t.Context(), by, typed, registry.Mark{})
	d.must(err)
	for _, hit := range page.Hits {
		hits = append(hits, fmt.Sprintf("%s (%s): %d", hit.Name, strings.Join(hit.Pets, ", "), hit.Match))
	}
	return hits
}

func TestSearchNear(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for i, name := range []string{"Ahmed Ali", "أحمد علي", "Mohamed Hassan", "فاطمة الزهراء"} {
		d.scatter(d.mona, scanned{name: name, phones: []string{fmt.Sprintf("+2010%08d", i)}, pets: []scannedPet{{name: "Simba"}}})
	}
	tests := map[string][]string{
		"ahmed ali":      {"Ahmed Ali (Simba): 2"},
		"Ahmad Aly":      {"أحمد علي (Simba): 5", "Ahmed Ali (Simba): 5"},
		"Ahmde":          {"أحمد علي (Simba): 5", "Ahmed Ali (Simba): 5"},
		"Ahmed Simbba":   {"Ahmed Ali (Simba): 5", "أحمد علي (Simba): 5"},
		"Muhammad":       {"Mohamed Hassan (Simba): 5"},
		"محمد":           {"Mohamed Hassan (Simba): 5"},
		"Fatma elzahraa": {"فاطمة الزهراء (Simba): 5"},
		"فاطمه الزهرا":   {"فاطمة الزهراء (Simba): 3"},
		"فاصمة":          {"فاطمة الزهراء (Simba): 5"},
		"Ahmed Zzyzx":    nil,
		"0100000009":     nil, // numbers are right or wrong
		"xy":             nil,
	}
	for typed, want := range tests {
		if diff := cmp.Diff(want, d.found(d.mona, typed)); diff != "" {
			t.Errorf("%q (-want +got)\n%s", typed, diff)
		}
	}
}

func TestSearchLeavesOutWhatIsGone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.scatter(d.mona, scanned{
		name: "Ahmed Ali", phones: []string{"+201001234567"}, pets: []scannedPet{{name: "Rex"}, {name: "Mimi"}, {name: "Lolo"}},
	})
	other := d.scatter(d.mona, scanned{name: "Mona Adel", phones: []string{"+201001234568"}})
	expect := func(by staff.Member, typed string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, d.found(by, typed)); diff != "" {
			t.Errorf("%q (-want +got)\n%s", typed, diff)
		}
	}
	expect(d.mona, "mimi", "Ahmed Ali (Mimi, Rex, Lolo): 2")
	expect(d.salma, "mimi")
	expect(d.salma, owner.code)
	expect(d.salma, "4567")

	d.do(d.mona, `UPDATE pets SET deceased_on = '2026-01-01' WHERE name = 'Rex'`)
	expect(d.mona, "ahmed", "Ahmed Ali (Mimi, Lolo): 3")
	expect(d.mona, "rex", "Ahmed Ali (Rex, Mimi, Lolo): 2")
	d.do(d.mona, `UPDATE pets SET deleted_at = now(), deleted_by = $1 WHERE name = 'Mimi'`, d.mona.StaffID)
	expect(d.mona, "mimi")
	expect(d.mona, owner.pets[1].code)
	expect(d.mona, owner.pets[2].code, "Ahmed Ali (Lolo): 0")

	d.do(d.mona, `UPDATE pets SET owner_id = $1`, other.id)
	d.do(d.mona, `UPDATE owners SET merged_into = $1 WHERE owner_id = $2`, other.id, owner.id)
	expect(d.mona, "ahmed")
	expect(d.mona, "4567", "Mona Adel (Lolo): 1") // the phones of a card go on finding the one it went into
	expect(d.mona, owner.code, "Mona Adel (Lolo): 0")
	expect(d.mona, "lolo", "Mona Adel (Lolo): 2")
	d.do(d.mona, `UPDATE owners SET deleted_at = now(), deleted_by = $1 WHERE owner_id = $2`, d.mona.StaffID, other.id)
	expect(d.mona, owner.code)
	expect(d.mona, other.code)
	expect(d.mona, "4567")
}

func TestSearchRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for typed, want := range map[string]registry.Reason{
		"":                       registry.ReasonEmpty,
		" \u200f\n":              registry.ReasonEmpty,
		`%_\'"`:                  registry.ReasonEmpty,
		"🐶":                      registry.ReasonEmpty,
		"a\xff":                  registry.ReasonUnreadable,
		strings.Repeat("a", 101): registry.ReasonTooLong,
		strings.Repeat("ب", 300): registry.ReasonTooLong,
	} {
		_, err := d.Search(t.Context(), d.mona, typed, registry.Mark{})
		if want := (registry.Invalid{Field: registry.FieldSearch, Reason: want}); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", typed, err, want)
		}
		if _, err := d.KeepSearch(t.Context(), d.mona, typed); err == nil {
			t.Errorf("%q is kept", typed)
		}
	}
	for _, typed := range []string{strings.Repeat("ﷺ", 100), strings.Repeat("a ", 50), "a\x00b", strings.Repeat("9", 100)} {
		if _, err := d.Search(t.Context(), d.mona, typed, registry.Mark{}); err != nil {
			t.Errorf("%q: %v", typed, err)
		}
	}
	nobody := d.mona
	nobody.Access = staff.AccessNone
	if _, err := d.Search(t.Context(), nobody, "ahmed", registry.Mark{}); !errors.Is(err, staff.ErrNotAllowed) {
		t.Errorf("in a closed clinic: %v", err)
	}
}

// TestSearchPagesAfterDeleting turns pages whose marks are gone.
func TestSearchPagesAfterDeleting(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := d.many(d.mona, 25, "Ahmed")
	page := func(at registry.Mark) registry.Found {
		t.Helper()
		found, err := d.Search(t.Context(), d.mona, "ahmed", at)
		d.must(err)
		return found
	}
	first := page(registry.Mark{})
	after, _ := first.Later()
	d.do(d.mona, `UPDATE owners SET deleted_at = now(), deleted_by = $1 WHERE owner_id = ANY ($2)`, d.mona.StaffID, ids[8:12])
	second := page(after)
	if second.From != 9 || second.Total != 21 || second.Hits[0].ID != ids[12] {
		t.Errorf("the page after a hit that is gone: %d of %d, %s", second.From, second.Total, second.Hits[0].Name)
	}
	before, _ := second.Earlier()
	if back := page(before); back.From != 1 || len(back.Hits) != registry.HitsPage {
		t.Errorf("eight hits before the mark: %d from %d", len(back.Hits), back.From)
	}
	d.do(d.mona, `UPDATE owners SET deleted_at = now(), deleted_by = $1 WHERE owner_id < $2`, d.mona.StaffID, ids[5])
	if again := page(after); again.From != 1 || again.Total != 6 {
		t.Errorf("nothing after the mark: %d of %d", again.From, again.Total)
	}
}

func TestSearchIsOneTrip(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.many(d.mona, 12, "Ahmed")
	ctx, trips := db.Watch(t.Context())
	_, err := d.Search(ctx, d.mona, "ahmed", registry.Mark{})
	d.must(err)
	_, err = d.OwnersPage(ctx, d.mona, registry.ListMark{})
	d.must(err)
	if diff := cmp.Diff([]string{"OwnerSearch", "OwnerPage"}, trips.Names()); diff != "" {
		t.Errorf("statements (-want +got)\n%s", diff)
	}
}

func TestKeptSearches(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var numbers []int
	for i := range 40 {
		number, err := d.KeepSearch(t.Context(), d.mona, fmt.Sprintf("  ahmed %d\n", i))
		d.must(err)
		numbers = append(numbers, number)
	}
	for i, number := range numbers {
		typed, err := d.KeptSearch(t.Context(), d.mona, number)
		switch {
		case i < 8 && !errors.Is(err, registry.ErrNotFound):
			t.Errorf("search %d is still kept: %q, %v", i, typed, err)
		case i >= 8 && (err != nil || typed != fmt.Sprintf("ahmed %d", i)):
			t.Errorf("search %d: %q, %v", i, typed, err)
		}
	}
	if n := d.count(d.mona, "searches"); n != 32 {
		t.Errorf("%d searches are kept", n)
	}
	for _, by := range []staff.Member{d.salma, {ClinicID: d.mona.ClinicID, StaffID: d.mona.StaffID + 100, Role: d.mona.Role, Access: d.mona.Access}} {
		if typed, err := d.KeptSearch(t.Context(), by, numbers[39]); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("somebody else reads %q, %v", typed, err)
		}
	}
}
