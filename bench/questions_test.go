package bench

import (
	"context"

	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

// A question is something the front desk asks again and again.
type question struct {
	name string
	pick string // selects about what, for some owner: clinic_id, an id and the words typed
	ask  func(context.Context, *registry.Registry, input) (answers int, err error)
}

// An input is about what a question is asked.
type input struct {
	by    staff.Member
	id    int64 // of an owner or a pet
	typed string
}

var questions = []question{
	{"owners, first page", "SELECT clinic_id, owner_id, '' FROM sample", func(ctx context.Context, r *registry.Registry, in input) (int, error) {
		list, err := r.OwnersPage(ctx, in.by, registry.ListMark{})
		return len(list.Owners), err
	}},
	{"owners, a page further on", "SELECT clinic_id, owner_id, '' FROM sample", func(ctx context.Context, r *registry.Registry, in input) (int, error) {
		list, err := r.OwnersPage(ctx, in.by, registry.ListMark{OwnerID: in.id, Place: 100})
		return len(list.Owners), err
	}},
	{"owner's card", "SELECT clinic_id, owner_id, '' FROM sample", func(ctx context.Context, r *registry.Registry, in input) (int, error) {
		card, err := r.Card(ctx, in.by, in.id)
		return len(card.Pets), err
	}},
	{"pet's card", "SELECT clinic_id, (SELECT min(pet_id) FROM pets WHERE pets.clinic_id = sample.clinic_id AND pets.owner_id = sample.owner_id AND pets.deleted_at IS NULL AND pets.merged_into IS NULL), '' FROM sample", func(ctx context.Context, r *registry.Registry, in input) (int, error) {
		card, err := r.PetCard(ctx, in.by, in.id)
		return len(card.Name), err
	}},
	{"the same owner twice?", "SELECT clinic_id, owner_id, '' FROM sample", func(ctx context.Context, r *registry.Registry, in input) (int, error) {
		_, err := r.LikelyTwins(ctx, in.by, in.id)
		return 1, err // there need not be any
	}},
	{"known phone, while registering", "SELECT clinic_id, owner_id, phone FROM sample", func(ctx context.Context, r *registry.Registry, in input) (int, error) {
		known, err := r.OwnersByPhone(ctx, in.by, in.typed)
		return len(known), err
	}},
	{"search: common name", "SELECT clinic_id, owner_id, 'ahmed ali' FROM sample", search},
	{"search: rare name", "SELECT clinic_id, owner_id, full_name FROM sample", search},
	{"search: Arabic name", "SELECT clinic_id, owner_id, 'احمد علي' FROM sample", search},
	{"search: beginning of a name", "SELECT clinic_id, owner_id, 'moh' FROM sample", search},
	{"search: one letter", "SELECT clinic_id, owner_id, 'm' FROM sample", search},
	{"search: last 4 digits of a phone", "SELECT clinic_id, owner_id, right(phone, 4) FROM sample", search},
	{"search: whole phone", "SELECT clinic_id, owner_id, '0' || substr(phone, 4) FROM sample", search},
	{"search: pet's name", "SELECT clinic_id, owner_id, 'simba' FROM sample", search},
	{"search: owner and pet", "SELECT clinic_id, owner_id, 'ahmed simba' FROM sample", search},
	{"search: code", "SELECT clinic_id, owner_id, code FROM sample", search},
	{"search: typing mistake", "SELECT clinic_id, owner_id, 'ahmde alli' FROM sample", search},
	{"search: found nowhere", "SELECT clinic_id, owner_id, 'qqq zzz' FROM sample", nowhere},
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

func search(ctx context.Context, r *registry.Registry, in input) (int, error) {
	found, err := r.Search(ctx, in.by, in.typed, registry.Mark{})
	return len(found.Hits), err
}

// nowhere counts as answered by finding nothing.
func nowhere(ctx context.Context, r *registry.Registry, in input) (int, error) {
	found, err := search(ctx, r, in)
	return 1 - min(found, 1), err
}
