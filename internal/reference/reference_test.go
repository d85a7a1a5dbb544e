package reference_test

import (
	"errors"
	"os"
	"testing"
	"time"
	_ "time/tzdata"
	"unicode/utf8"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/reference"
	"vetalyze/internal/staff"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

var admin = staff.Speaker{TelegramID: 1, Admin: true}

func monthly() reference.Plan {
	return reference.Plan{
		NameEN: "Monthly", NameAR: "شهري", DurationDays: 30, Accounts: 3, PriceMinor: 50000, Currency: "EGP", GraceDays: 7,
	}
}

func open(t *testing.T, cache redis.UniversalClient) *reference.Reference {
	t.Helper()
	return reference.Patient(reference.New(pgtest.New(t), cache, clock.System()))
}

func TestSpeciesInWords(t *testing.T) {
	t.Parallel()
	species, err := open(t, nil).Species(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]string{
		"dog": "Dog", "DOGS": "Dog", "puppy": "Dog", "كلب": "Dog", "الكلب": "Dog", "كَلْب": "Dog", "كلـــب": "Dog", "🐶": "Dog",
		"cat": "Cat", "قطة": "Cat", "قطه": "Cat", "قط": "Cat", "القطة": "Cat", " kitten ": "Cat",
		"bird": "Bird", "طائر": "Bird", "عصفور": "Bird", "طاير": "Bird",
		"rabbit": "Rabbit", "أرنب": "Rabbit", "ارنب": "Rabbit", "bunny": "Rabbit",
		"hamster": "Hamster", "هامستر": "Hamster", "turtle": "Turtle", "سلحفاة": "Turtle", "horse": "Horse", "حصان": "Horse",
		"guinea pig": "Guinea pig", "Guinea  Pig": "Guinea pig", "خنزير غينيا": "Guinea pig", "mouse": "Rat or mouse", "فار": "Rat or mouse",
		"أخرى": "Other", "إبل": "Camel",
	} {
		id, ok := species.Find(typed)
		got, _ := species.ByID(id)
		if !ok || got.NameEN != want {
			t.Errorf("%q is %q, want %q", typed, got.NameEN, want)
		}
	}
	for _, typed := range []string{"", " ", "xyz", "do", "ال", "<b>", "dog cat"} {
		if id, ok := species.Find(typed); ok {
			t.Errorf("%q is species %d", typed, id)
		}
	}
}

func TestNoWordMeansTwoSpecies(t *testing.T) {
	t.Parallel()
	species, err := open(t, nil).Species(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range species {
		for _, word := range append([]string{kind.NameEN, kind.NameAR}, kind.Aliases...) {
			if id, ok := species.Find(word); !ok || id != kind.ID {
				t.Errorf("%q of %s finds species %d", word, kind.NameEN, id)
			}
		}
	}
}

func TestSeededLists(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	countries, err := r.Countries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(countries) < 200 || countries[0].Code != "EG" {
		t.Errorf("%d countries, the first %s", len(countries), countries[0].Code)
	}
	for _, country := range countries {
		if _, err := time.LoadLocation(country.TimeZone); err != nil {
			t.Errorf("%s: %v", country.Code, err)
		}
		if country.NameAR == "" || utf8.RuneCountInString(country.Flag()) != 2 {
			t.Errorf("%+v with the flag %s", country, country.Flag())
		}
	}
	for code, exponent := range map[string]int{"EG": 2, "KW": 3, "BH": 3, "OM": 3, "JO": 3, "TN": 3, "AE": 2, "JP": 0} {
		if country, ok := countries.ByCode(code); !ok || country.CurrencyExponent != exponent {
			t.Errorf("%+v, want %d decimals", country, exponent)
		}
	}
	for typed, want := range map[string]string{"egypt": "EG", "مصر": "EG", "eg": "EG", "الأردن": "JO", "اردن": "JO", "cote d’ivoire": "CI"} {
		if country, _ := countries.Find(typed); country.Code != want {
			t.Errorf("%q is %q, want %s", typed, country.Code, want)
		}
	}
	channels, err := r.Channels(t.Context())
	if err != nil || len(channels.Offered()) < 8 {
		t.Errorf("%d channels, %v", len(channels), err)
	}
	methods, err := r.PaymentMethods(t.Context())
	if err != nil || len(methods.Offered()) < 5 {
		t.Errorf("%d payment methods, %v", len(methods), err)
	}
}

func TestListsAreCachedUntilTheyChange(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	database := pgtest.New(t)
	now := clock.At(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))
	instance := func() *reference.Reference {
		cache := redis.NewClient(&redis.Options{Addr: server.Addr()})
		t.Cleanup(func() { cache.Close() })
		return reference.Patient(reference.New(database, cache, now))
	}
	here, there := instance(), instance()
	asks := func(r *reference.Reference, plans int) int {
		t.Helper()
		ctx, trips := db.Watch(t.Context())
		got, err := r.Plans(ctx)
		if err != nil || len(got.Offered()) != plans {
			t.Errorf("%d plans, %v; want %d", len(got.Offered()), err, plans)
		}
		return trips.Count()
	}

	if first, second := asks(here, 0), asks(there, 0); first != 1 || second != 0 {
		t.Errorf("asked PostgreSQL %d times, then %d, want 1 and 0", first, second)
	}
	id, err := here.AddPlan(t.Context(), admin, db.Key{}, monthly())
	if err != nil {
		t.Fatal(err)
	}
	if first, second := asks(there, 1), asks(here, 1); first != 1 || second != 0 {
		t.Errorf("after a change: asked %d times, then %d, want 1 and 0", first, second)
	}
	plans, _ := there.Plans(t.Context())
	want := monthly()
	want.ID, want.Version = id, 1
	if diff := cmp.Diff(reference.Plans{want}, plans); diff != "" {
		t.Errorf("the copy (-want +got)\n%s", diff)
	}
	server.FastForward(time.Hour)
	now.Advance(time.Hour)
	if again := asks(there, 1); again != 1 {
		t.Errorf("after an hour: asked %d times, want 1", again)
	}
	server.Close()
	if down := asks(here, 1); down != 1 {
		t.Errorf("with Redis down: asked %d times, want 1", down)
	}
	if err := here.RetirePlan(t.Context(), admin, id); err != nil {
		t.Errorf("a change with Redis down: %v", err)
	}
}

func TestChangingWhatIsSold(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	ctx := t.Context()
	if _, err := r.AddPlan(ctx, staff.Speaker{}, db.Key{}, monthly()); !errors.Is(err, staff.ErrNotAllowed) {
		t.Errorf("by a stranger: %v", err)
	}
	id, err := r.AddPlan(ctx, admin, db.Key{}, monthly())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.AddPlan(ctx, admin, db.Key{}, monthly()); !errors.Is(err, reference.ErrNameTaken) {
		t.Errorf("the same name: %v", err)
	}
	if err := r.RetirePlan(ctx, admin, id); err != nil {
		t.Error(err)
	}
	if err := r.RetirePlan(ctx, admin, id); !errors.Is(err, reference.ErrNotFound) {
		t.Errorf("once more: %v", err)
	}
	if _, err := r.AddPlan(ctx, admin, db.Key{}, monthly()); err != nil {
		t.Errorf("the name of a retired plan: %v", err)
	}
	plans, err := r.Plans(ctx)
	if retired, ok := plans.ByID(id); err != nil || len(plans.Offered()) != 1 || !ok || !retired.Retired {
		t.Errorf("the plans are %+v, %v", plans, err)
	}
}

func TestChangingAPlan(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	ctx := t.Context()
	key := db.NewKey()
	id, err := r.AddPlan(ctx, admin, key, monthly())
	if err != nil {
		t.Fatal(err)
	}
	if again, err := r.AddPlan(ctx, admin, key, monthly()); err != nil || again != id {
		t.Errorf("the same key adds plan %d, %v; want %d", again, err, id)
	}
	dearer := monthly()
	dearer.ID, dearer.Version, dearer.PriceMinor = id, 1, 60000
	cheaper := dearer
	cheaper.PriceMinor = 40000
	unfit := dearer
	unfit.Version, unfit.DurationDays = 2, 0
	for _, step := range []struct {
		what string
		plan reference.Plan
		want error
	}{
		{"the price", dearer, nil},
		{"the same once more", dearer, nil},
		{"by somebody who saw the former price", cheaper, reference.ErrStale},
		{"to no days", unfit, reference.ErrUnfit},
		{"one that is not there", reference.Plan{ID: 999}, reference.ErrNotFound},
	} {
		if err := r.ChangePlan(ctx, admin, step.plan); !errors.Is(err, step.want) {
			t.Errorf("change %s: %v, want %v", step.what, err, step.want)
		}
	}
	plans, _ := r.Plans(ctx)
	if plan, _ := plans.ByID(id); plan.PriceMinor != 60000 || plan.Version != 2 {
		t.Errorf("the plan is %+v", plan)
	}
}

func TestChangingLists(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	for _, list := range []reference.List{reference.ListMethods, reference.ListSpecies, reference.ListChannels} {
		t.Run(string(list), func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			key := db.NewKey()
			entry := reference.Entry{NameEN: "Brand new", NameAR: "جديد تمامًا", Emoji: "🆕"}
			if err := r.AddEntry(ctx, staff.Speaker{}, list, key, entry); !errors.Is(err, staff.ErrNotAllowed) {
				t.Errorf("by a stranger: %v", err)
			}
			for range 2 { // the second time under the same key
				if err := r.AddEntry(ctx, admin, list, key, entry); err != nil {
					t.Fatal(err)
				}
			}
			if err := r.AddEntry(ctx, admin, list, db.NewKey(), entry); !errors.Is(err, reference.ErrNameTaken) {
				t.Errorf("the same name: %v", err)
			}
			added := only(t, r, list, entry.NameEN)
			added.NameEN = "Newer"
			if err := r.Rename(ctx, admin, list, added); err != nil {
				t.Error(err)
			}
			if err := r.SetRetired(ctx, admin, list, added.ID, true); err != nil {
				t.Error(err)
			}
			if err := r.SetRetired(ctx, admin, list, added.ID, true); !errors.Is(err, reference.ErrNotFound) {
				t.Errorf("retired once more: %v", err)
			}
			if !only(t, r, list, "Newer").Retired {
				t.Error("it is not retired")
			}
			if err := r.SetRetired(ctx, admin, list, added.ID, false); err != nil {
				t.Error(err)
			}
			if err := r.Rename(ctx, admin, list, reference.Entry{ID: "DROP", NameEN: "xx", NameAR: "xx"}); !errors.Is(err, reference.ErrNotFound) {
				t.Errorf("rename nothing: %v", err)
			}
		})
	}
}

func TestAddingACountry(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	ctx := t.Context()
	newland := reference.Country{
		Code: "XX", CallingCode: 999, NameEN: "Newland", NameAR: "الأرض الجديدة", Currency: "EUR", CurrencyExponent: 2, TimeZone: "Europe/Rome",
	}
	for range 2 {
		if err := r.AddCountry(ctx, admin, newland); err != nil {
			t.Fatal(err)
		}
	}
	newland.NameEN = "Otherland"
	if err := r.AddCountry(ctx, admin, newland); !errors.Is(err, reference.ErrNameTaken) {
		t.Errorf("the same code: %v", err)
	}
	newland.Code, newland.TimeZone = "XY", "Europe/Nowhere"
	if err := r.AddCountry(ctx, admin, newland); !errors.Is(err, reference.ErrUnfit) {
		t.Errorf("an unknown zone: %v", err)
	}
	if err := r.SetRetired(ctx, admin, reference.ListCountries, "XX", true); err != nil {
		t.Error(err)
	}
	if err := r.Rename(ctx, admin, reference.ListCountries, reference.Entry{ID: "XX", NameEN: "Oldland", NameAR: "القديمة"}); err != nil {
		t.Error(err)
	}
	if !only(t, r, reference.ListCountries, "Oldland").Retired {
		t.Error("it is not retired")
	}
}

// only returns the one entry of a list with an English name.
func only(t *testing.T, r *reference.Reference, list reference.List, name string) reference.Entry {
	t.Helper()
	entries, err := r.Entries(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	var found []reference.Entry
	for _, entry := range entries {
		if entry.NameEN == name {
			found = append(found, entry)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d entries %q", len(found), name)
	}
	return found[0]
}
