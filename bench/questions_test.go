package bench

import (
	"context"

	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// A question is something the front desk, or an admin, asks again and again.
type question struct {
	name string
	pick string // selects about what, for some owner: clinic_id, an id and the words typed
	ask  func(context.Context, asked, input) (answers int, err error)

	platform bool // it is an admin's, not the clinic's
}

// asked are those who know the answers.
type asked struct {
	*registry.Registry
	subscriptions *subscription.Subscriptions
}

// An input is about what a question is asked.
type input struct {
	by    staff.Member
	id    int64 // of an owner or a pet
	typed string
}

var questions = []question{
	{"owners, first page", "SELECT clinic_id, owner_id, '' FROM sample", func(ctx context.Context, r asked, in input) (int, error) {
		list, err := r.OwnersPage(ctx, in.by, registry.ListMark{})
		return len(list.Owners), err
	}, false},
	{"owners, a page further on", "SELECT clinic_id, owner_id, '' FROM sample", func(ctx context.Context, r asked, in input) (int, error) {
		list, err := r.OwnersPage(ctx, in.by, registry.ListMark{OwnerID: in.id, Place: 100})
		return len(list.Owners), err
	}, false},
	{"owner's card", "SELECT clinic_id, owner_id, '' FROM sample", func(ctx context.Context, r asked, in input) (int, error) {
		card, err := r.Card(ctx, in.by, in.id)
		return len(card.Pets), err
	}, false},
	{"pet's card", "SELECT clinic_id, (SELECT min(pet_id) FROM pets WHERE pets.clinic_id = sample.clinic_id AND pets.owner_id = sample.owner_id AND pets.deleted_at IS NULL AND pets.merged_into IS NULL), '' FROM sample", func(ctx context.Context, r asked, in input) (int, error) {
		card, err := r.PetCard(ctx, in.by, in.id)
		return len(card.Name), err
	}, false},
	{"the same owner twice?", "SELECT clinic_id, owner_id, '' FROM sample", func(ctx context.Context, r asked, in input) (int, error) {
		_, err := r.LikelyTwins(ctx, in.by, in.id)
		return 1, err // there need not be any
	}, false},
	{"known phone, while registering", "SELECT clinic_id, owner_id, phone FROM sample", func(ctx context.Context, r asked, in input) (int, error) {
		known, err := r.OwnersByPhone(ctx, in.by, in.typed)
		return len(known), err
	}, false},
	{"search: common name", "SELECT clinic_id, owner_id, 'ahmed ali' FROM sample", search, false},
	{"search: rare name", "SELECT clinic_id, owner_id, full_name FROM sample", search, false},
	{"search: Arabic name", "SELECT clinic_id, owner_id, 'احمد علي' FROM sample", search, false},
	{"search: beginning of a name", "SELECT clinic_id, owner_id, 'moh' FROM sample", search, false},
	{"search: one letter", "SELECT clinic_id, owner_id, 'm' FROM sample", search, false},
	{"search: last 4 digits of a phone", "SELECT clinic_id, owner_id, right(phone, 4) FROM sample", search, false},
	{"search: whole phone", "SELECT clinic_id, owner_id, '0' || substr(phone, 4) FROM sample", search, false},
	{"search: pet's name", "SELECT clinic_id, owner_id, 'simba' FROM sample", search, false},
	{"search: owner and pet", "SELECT clinic_id, owner_id, 'ahmed simba' FROM sample", search, false},
	{"search: code", "SELECT clinic_id, owner_id, code FROM sample", search, false},
	{"search: typing mistake", "SELECT clinic_id, owner_id, 'ahmde alli' FROM sample", search, false},
	{"search: found nowhere", "SELECT clinic_id, owner_id, 'qqq zzz' FROM sample", nowhere, false},
	{"clinics, first page", "SELECT clinic_id, 0, '' FROM sample", clinics, true},
	{"clinics, a page further on", "SELECT clinic_id, clinic_id, '' FROM sample", clinics, true},
}

// sample is an owner of each of many clinics, those whose hashes are the lowest.
const sample = `
WITH sample AS (
	SELECT owner.*
	FROM (SELECT clinic_id FROM clinics ORDER BY md5(clinic_id::text) LIMIT 200) AS chosen
	CROSS JOIN LATERAL (
		SELECT *
		FROM owners
		WHERE owners.clinic_id = chosen.clinic_id
		  AND owners.deleted_at IS NULL
		  AND owners.merged_into IS NULL
		ORDER BY md5(owner_id::text)
		LIMIT 1
	) AS owner
)
`

func search(ctx context.Context, r asked, in input) (int, error) {
	found, err := r.Search(ctx, in.by, in.typed, registry.Mark{})
	return len(found.Hits), err
}

// nowhere counts as answered by finding nothing.
func nowhere(ctx context.Context, r asked, in input) (int, error) {
	found, err := search(ctx, r, in)
	return 1 - min(found, 1), err
}

// platform is an admin, who asks for a page of the clinics and how many there are of each status.
var platform = staff.Speaker{TelegramID: 1, Admin: true}

func clinics(ctx context.Context, r asked, in input) (int, error) {
	page, err := r.subscriptions.ClinicPage(ctx, platform, subscription.Filter{}, subscription.ClinicMark{ClinicID: in.id}, 20)
	return len(page.Counts), err // the last page may have no clinics
}
