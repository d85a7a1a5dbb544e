package load

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"vetalyze/internal/registry"
)

// testGenerator makes clinics up without a database.
func testGenerator(t *testing.T, seed uint64, owners int) *generator {
	t.Helper()
	place, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	known := reference{species: map[string]int32{}, channels: []int32{1, 2, 3}, methods: []int32{1, 2, 3, 4, 5, 6}, plans: plans}
	for i, a := range animals {
		known.species[a.species] = int32(i + 1)
	}
	today := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC) // a week into summer time
	return newGenerator(Config{Seed: seed, Owners: owners}, known, today, place)
}

func TestClinicsAreTheSameForTheSameSeed(t *testing.T) {
	t.Parallel()
	all := cmp.AllowUnexported(clinic{}, member{}, term{}, plan{}, event{}, payment{}, owner{}, pet{})
	first, again := testGenerator(t, 7, 40).clinic(3), testGenerator(t, 7, 40).clinic(3)
	if diff := cmp.Diff(first, again, all); diff != "" {
		t.Errorf("the same seed made another clinic:\n%s", diff)
	}
	for _, other := range []*clinic{testGenerator(t, 8, 40).clinic(3), testGenerator(t, 7, 40).clinic(4)} {
		if other.owners[0].name == first.owners[0].name && other.owners[0].phone == first.owners[0].phone {
			t.Errorf("another seed or clinic made the same owner")
		}
	}
}

func TestOwnersAreWhatTheFrontDeskWouldTake(t *testing.T) {
	t.Parallel()
	g := testGenerator(t, 1, 1500)
	c := g.clinic(1)
	pets := 0
	for _, o := range c.owners {
		pets += len(o.pets)
		if name, err := registry.ParseName(o.name); err != nil || name != o.name {
			t.Errorf("owner %q is read as %q, %v", o.name, name, err)
		}
		for _, phone := range []*string{&o.phone, o.second} {
			if phone == nil {
				continue
			}
			if read, err := registry.ParsePhone(*phone, country); err != nil || read != *phone {
				t.Errorf("phone %q is read as %q, %v", *phone, read, err)
			}
		}
		if day := o.at.In(g.zone).Format(time.DateOnly); day < "2025-05-01" || day > "2026-04-30" {
			t.Errorf("registered on %s", day)
		}
		for _, p := range o.pets {
			if name, err := registry.ParsePetName(p.name); err != nil || name != p.name {
				t.Errorf("pet %q is read as %q, %v", p.name, name, err)
			}
			if p.birth != nil && p.birth.After(o.at) {
				t.Errorf("born on %v, registered on %v", p.birth, o.at)
			}
		}
	}
	if len(c.owners) != 1500 || pets != 2250 || g.idsPerClinic() != 3750 {
		t.Errorf("%d owners, %d pets, %d ids; want 1500, 2250, 3750", len(c.owners), pets, g.idsPerClinic())
	}
}

func TestNamesAreOfBothScriptsAndFewAreCommon(t *testing.T) {
	t.Parallel()
	g := testGenerator(t, 1, 1500)
	arabic, common, all := 0, 0, 0
	first := map[string]int{}
	for number := 1; number <= 20; number++ {
		for _, o := range g.clinic(number).owners {
			all++
			if strings.ContainsFunc(o.name, func(r rune) bool { return unicode.Is(unicode.Arabic, r) }) {
				arabic++
			}
			name := strings.ToLower(o.name)
			if strings.Contains(name, "ahmed") && strings.Contains(name, "ali") {
				common++
			}
			first[o.name]++
		}
	}
	if share := arabic * 100 / all; share < 30 || share > 70 {
		t.Errorf("%d %% write Arabic", share)
	}
	if common < all/1000 || len(first) < all/2 {
		t.Errorf("of %d owners %d are called Ahmed Ali, and there are %d names", all, common, len(first))
	}
}

func TestTermsFollowEachOther(t *testing.T) {
	t.Parallel()
	g := testGenerator(t, 1, 1)
	states := map[string]int{}
	total := 0
	for number := 1; number <= 400; number++ {
		c := g.clinic(number)
		var until time.Time
		total += len(c.terms)
		for _, term := range c.terms {
			states[term.state]++
			if !term.start.Before(term.end) {
				t.Fatalf("clinic %d: a term from %v to %v", number, term.start, term.end)
			}
			if !term.createdAt.Before(g.today) || !c.createdAt.Before(term.createdAt) {
				t.Fatalf("clinic %d of %v: a term made at %v", number, c.createdAt, term.createdAt)
			}
			for i, event := range term.events {
				if event.at.After(g.today) || i > 0 && !event.at.After(term.events[i-1].at) {
					t.Fatalf("clinic %d: %s at %v, of a term made at %v", number, event.kind, event.at, term.createdAt)
				}
			}
			if term.state == "closed" {
				continue
			}
			if term.start.Before(until) {
				t.Fatalf("clinic %d: a term from %v overlaps the one to %v", number, term.start, until)
			}
			until = term.end
		}
		if year := g.ago(days); c.terms[0].start.After(year) {
			t.Fatalf("clinic %d begins on %v, after %v", number, c.terms[0].start, year)
		}
		if len(c.terms) > termsPerClinic {
			t.Fatalf("clinic %d has %d terms", number, len(c.terms))
		}
	}
	if states["live"] == 0 || states["closed"] == 0 || states["suspended"] == 0 {
		t.Errorf("states %v", states)
	}
	if mean := total / 400; mean < 10 || mean > 14 {
		t.Errorf("%d terms each; want about twelve", mean)
	}
}

func TestBatchGivesIdsInTheOrderOfTime(t *testing.T) {
	t.Parallel()
	g := testGenerator(t, 1, 20)
	b := g.batch([]int{3, 4})
	want := 2*g.idsPerClinic() + 1
	for i, o := range b.owners {
		if o.id != want || i > 0 && o.at.Before(b.owners[i-1].at) {
			t.Fatalf("owner %d of %v; want %d, not before %v", o.id, o.at, want, b.owners[max(i-1, 0)].at)
		}
		for _, p := range o.pets {
			if want++; p.id != want {
				t.Fatalf("pet %d; want %d", p.id, want)
			}
		}
		want++
	}
	if want != 4*g.idsPerClinic()+1 {
		t.Errorf("ended at %d; want %d", want, 4*g.idsPerClinic()+1)
	}
}
