package registry_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

func TestRegister(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	what := registry.Registration{
		Key: db.NewKey(), Name: "أحمد <b>&</b> علي", Phone: "+201001234567", SecondPhone: "+20223456789", ChannelID: 1,
		Pets: []registry.NewPet{
			{Name: "Rex", SpeciesID: 1, Birth: known(registry.PrecisionEstimate, 2024, 3, 31)},
			{Name: "لولو", SpeciesID: 2, Birth: known(registry.PrecisionMonth, 2021, 3, 1)},
			{Name: "007", SpeciesID: 3},
		},
	}
	got := d.register(d.mona, what)

	want := registry.Owner{
		Name: what.Name, Phone: what.Phone, SecondPhone: what.SecondPhone, ChannelID: 1, RegisteredAt: today.Add(10 * time.Hour),
		RegisteredBy: "Mona Adel", Version: 1,
		Pets: []registry.Pet{
			{Name: "Rex", SpeciesID: 1, Birth: what.Pets[0].Birth},
			{Name: "لولو", SpeciesID: 2, Birth: what.Pets[1].Birth},
			{Name: "007", SpeciesID: 3},
		},
	}
	drawn := cmpopts.IgnoreFields(registry.Owner{}, "ID", "Code")
	drawnPets := cmpopts.IgnoreFields(registry.Pet{}, "ID", "Code")
	if diff := cmp.Diff(want, got, drawn, drawnPets); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(got, d.card(d.mona, got.ID)); diff != "" {
		t.Errorf("the card read back differs from the card returned:\n%s", diff)
	}
	codes := []string{got.Code, got.Pets[0].Code, got.Pets[1].Code, got.Pets[2].Code}
	for i, code := range codes {
		if read, err := registry.ParseCode(code); err != nil || read != code || slices.Contains(codes[:i], code) {
			t.Errorf("the code %q of %q is none, or not unique", code, codes)
		}
	}
}

func TestRegisterCostsOneRoundTrip(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, pets := range []int{1, registry.MaxPets} {
		ctx, trips := db.Watch(t.Context())
		owner, err := d.Register(ctx, d.mona, ahmed(pets))
		d.must(err)
		if diff := cmp.Diff([]string{"OwnerRegister"}, trips.Names()); diff != "" || trips.Count() != 1 {
			t.Errorf("%d pets cost %d round trips:\n%s", pets, trips.Count(), diff)
		}
		if len(owner.Pets) != pets {
			t.Errorf("%d pets registered, want %d", len(owner.Pets), pets)
		}
	}
}

func TestRegisterTwiceUnderOneKey(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	what := ahmed(3)
	first := d.register(d.mona, what)
	what.Name = "Somebody Else" // what is sent later under the key counts for nothing
	if diff := cmp.Diff(first, d.register(d.mona, what)); diff != "" {
		t.Errorf("the second card differs:\n%s", diff)
	}
	if owners, pets := d.count(d.mona, "owners"), d.count(d.mona, "pets"); owners != 1 || pets != 3 {
		t.Errorf("%d owners and %d pets", owners, pets)
	}
	other := d.register(d.salma, what)
	if other.ID == first.ID || d.count(d.salma, "owners") != 1 {
		t.Error("a key of one clinic counts in another")
	}
}

// Eight confirmations arrive at once, as of a button tapped in a fury by two instances of the bot.
func TestRegisterAtOnceUnderOneKey(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	what := ahmed(3)
	cards := atOnce(8, func() (registry.Owner, error) { return d.Register(t.Context(), d.mona, what) })
	for _, card := range cards {
		d.must(card.err)
		if diff := cmp.Diff(cards[0].owner, card.owner); diff != "" {
			t.Errorf("cards differ:\n%s", diff)
		}
	}
	if owners, pets := d.count(d.mona, "owners"), d.count(d.mona, "pets"); owners != 1 || pets != 3 {
		t.Errorf("%d owners and %d pets", owners, pets)
	}
}

type outcome struct {
	owner registry.Owner
	err   error
}

func atOnce(times int, do func() (registry.Owner, error)) []outcome {
	outcomes := make([]outcome, times)
	start := make(chan struct{})
	var done sync.WaitGroup
	for i := range outcomes {
		done.Go(func() {
			<-start
			outcomes[i].owner, outcomes[i].err = do()
		})
	}
	close(start)
	done.Wait()
	return outcomes
}

func TestRegisterLongestNames(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	what := ahmed(1)
	what.Name = strings.Repeat("ع", registry.MaxName)
	what.Pets[0].Name = strings.Repeat("ر", registry.MaxPetName)
	owner := d.register(d.mona, what)
	if got := d.card(d.mona, owner.ID); got.Name != what.Name || got.Pets[0].Name != what.Pets[0].Name {
		t.Error("the names were not kept whole")
	}
}

func TestRegisterRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	tests := []struct {
		name   string
		change func(*registry.Registration)
		want   error
	}{
		{"no key", func(r *registry.Registration) { r.Key = db.Key{} }, registry.ErrIncomplete},
		{"no pets", func(r *registry.Registration) { r.Pets = nil }, registry.ErrIncomplete},
		{"21 pets", func(r *registry.Registration) { r.Pets = ahmed(21).Pets }, registry.ErrIncomplete},
		{"no name", func(r *registry.Registration) { r.Name = " " }, registry.Invalid{Field: registry.FieldName, Reason: registry.ReasonEmpty}},
		{"a pet without a name", func(r *registry.Registration) { r.Pets[0].Name = "" }, registry.Invalid{Field: registry.FieldPetName, Reason: registry.ReasonEmpty}},
		{"a phone as typed", func(r *registry.Registration) { r.Phone = "0100 123 4567" }, registry.Invalid{Field: registry.FieldPhone, Reason: registry.ReasonNotNumber}},
		{"a second phone as typed", func(r *registry.Registration) { r.SecondPhone = "0100" }, registry.Invalid{Field: registry.FieldPhone, Reason: registry.ReasonNotNumber}},
		{"a birthday to come", func(r *registry.Registration) { r.Pets[0].Birth = known(registry.PrecisionDay, 2026, 4, 1) }, registry.Invalid{Field: registry.FieldBirth, Reason: registry.ReasonFuture}},
		{"no such species", func(r *registry.Registration) { r.Pets[0].SpeciesID = 12345 }, registry.ErrUnknownChoice},
		{"species not said", func(r *registry.Registration) { r.Pets[0].SpeciesID = 0 }, registry.ErrUnknownChoice},
		{"no such channel", func(r *registry.Registration) { r.ChannelID = 12345 }, registry.ErrUnknownChoice},
	}
	for _, test := range tests {
		what := ahmed(2)
		test.change(&what)
		if _, err := d.Register(t.Context(), d.mona, what); !errors.Is(err, test.want) || db.Unavailable(err) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.want)
		}
	}
	if owners, pets := d.count(d.mona, "owners"), d.count(d.mona, "pets"); owners != 0 || pets != 0 {
		t.Errorf("%d owners and %d pets were kept", owners, pets)
	}
}

func TestRightsAreAsked(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.register(d.mona, ahmed(1))
	ended, shut := d.mona, d.mona
	ended.Access, shut.Access = staff.AccessRead, staff.AccessNone

	_, register := d.Register(t.Context(), ended, ahmed(1))
	_, add := d.AddPets(t.Context(), ended, owner.ID, db.NewKey(), ahmed(1).Pets)
	_, open := d.Card(t.Context(), shut, owner.ID)
	_, byCode := d.OwnerByCode(t.Context(), shut, owner.Code)
	_, byPhone := d.OwnersByPhone(t.Context(), shut, owner.Phone)
	for _, err := range []error{register, add, open, byCode, byPhone} {
		if !errors.Is(err, staff.ErrNotAllowed) {
			t.Errorf("got %v, want %v", err, staff.ErrNotAllowed)
		}
	}
	if _, err := d.Card(t.Context(), ended, owner.ID); err != nil {
		t.Errorf("reading after the end: %v", err)
	}
}

func TestAddPets(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.register(d.mona, ahmed(2))
	key := db.NewKey()
	more := []registry.NewPet{{Name: "Rex", SpeciesID: 1, Birth: known(registry.PrecisionYear, 2020, 1, 1)}, {Name: "Bunny", SpeciesID: 5}}
	cards := atOnce(8, func() (registry.Owner, error) { return d.AddPets(t.Context(), d.mona, owner.ID, key, more) })
	for _, card := range cards {
		d.must(card.err)
		if names := petNames(card.owner); !slices.Equal(names, []string{"Mimi", "Mimi", "Rex", "Bunny"}) {
			t.Errorf("pets %q", names)
		}
	}
	again, err := d.AddPets(t.Context(), d.mona, owner.ID, db.NewKey(), more[:1])
	d.must(err)
	if names := petNames(again); !slices.Equal(names, []string{"Mimi", "Mimi", "Rex", "Bunny", "Rex"}) {
		t.Errorf("pets %q after another key", names)
	}
	if again.Pets[2].Birth != more[0].Birth {
		t.Errorf("birth %v, want %v", again.Pets[2].Birth, more[0].Birth)
	}

	_, err = d.AddPets(t.Context(), d.salma, owner.ID, db.NewKey(), more)
	if !errors.Is(err, registry.ErrNotFound) || d.count(d.salma, "pets") != 0 {
		t.Errorf("pets for another clinic's owner: %v", err)
	}
	_, err = d.AddPets(t.Context(), d.mona, owner.ID, db.NewKey(), nil)
	if !errors.Is(err, registry.ErrIncomplete) {
		t.Errorf("no pets: %v", err)
	}
}

func petNames(owner registry.Owner) []string {
	var names []string
	for _, pet := range owner.Pets {
		names = append(names, pet.Name)
	}
	return names
}

func TestUnavailableDatabaseIsSeen(t *testing.T) {
	t.Parallel()
	server, database := pgtest.Private(t)
	r := registry.New(database, clock.At(today))
	by := staff.Member{ClinicID: 1, StaffID: 1, Role: staff.RoleReceptionist, Access: staff.AccessFull}
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	_, register := r.Register(t.Context(), by, ahmed(1))
	_, add := r.AddPets(t.Context(), by, 1, db.NewKey(), ahmed(1).Pets)
	_, open := r.Card(t.Context(), by, 1)
	_, byPhone := r.OwnersByPhone(t.Context(), by, "+201001234567")
	for _, err := range []error{register, add, open, byPhone} {
		if !db.Unavailable(err) {
			t.Errorf("not seen as unavailable: %v", err)
		}
	}
}

// What is registered is what is read back, whatever it is.
func TestRegisteredIsReadBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-zA-Z<>&'"\\ ]{1,30}`), rapid.StringMatching(`[\x{0621}-\x{064A} ]{1,30}`))
	readable := func(parse func(string) (string, error)) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			name, err := parse(text.Draw(t, "text") + rapid.SampledFrom([]string{"", "xy", "ع ع"}).Draw(t, "end"))
			if err != nil {
				t.Skip(err)
			}
			return name
		})
	}
	rapid.Check(t, func(rt *rapid.T) {
		what := registry.Registration{
			Key:       db.NewKey(),
			Name:      readable(registry.ParseName).Draw(rt, "name"),
			Phone:     "+2010" + rapid.StringMatching(`[0-9]{8}`).Draw(rt, "phone"),
			ChannelID: rapid.IntRange(0, 5).Draw(rt, "channel"),
		}
		for range rapid.IntRange(1, registry.MaxPets).Draw(rt, "pets") {
			birth := estimate(rapid.SampledFrom([]string{"?", "2021", "3/2021", "12/3/2021", "2y", "110 years"}).Draw(rt, "birth"))
			what.Pets = append(what.Pets, registry.NewPet{
				Name: readable(registry.ParsePetName).Draw(rt, "pet"), SpeciesID: rapid.IntRange(1, 20).Draw(rt, "species"), Birth: birth,
			})
		}
		owner, err := d.Register(t.Context(), d.mona, what)
		if err != nil {
			rt.Fatal(err)
		}
		got, err := d.Card(t.Context(), d.mona, owner.ID)
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(owner, got); diff != "" {
			rt.Fatalf("read back (-registered +read):\n%s", diff)
		}
		sent := registry.Registration{Key: what.Key, Name: got.Name, Phone: got.Phone, SecondPhone: got.SecondPhone, ChannelID: got.ChannelID}
		for _, pet := range got.Pets {
			sent.Pets = append(sent.Pets, registry.NewPet{Name: pet.Name, SpeciesID: pet.SpeciesID, Birth: pet.Birth})
		}
		if diff := cmp.Diff(what, sent); diff != "" {
			rt.Fatalf("(-sent +kept):\n%s", diff)
		}
	})
}
