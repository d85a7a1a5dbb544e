package registry

import (
	"context"
	"fmt"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

// ExportPage is how many owners are read at a time when all of them are taken out.
const ExportPage = 500

// ExportOwners returns the next page of all the clinic's owners, without their pets, after an owner (0: from the first),
// in the order of registration; an empty one is the end. Those who are deleted, or went into another card, are not among
// them. Each page is read for itself, so that taking out a large clinic holds neither memory nor a transaction: an owner
// is in it once, as they were when their page was read.
func (r *Registry) ExportOwners(ctx context.Context, by staff.Member, after int64) ([]Owner, error) {
	if !by.May(staff.RightExportRegistry) {
		return nil, staff.ErrNotAllowed
	}
	rows, err := r.query.OwnersExport(ctx, by.Scope(r.db), db.OwnersExportParams{
		ClinicID: by.ClinicID, AfterOwner: after, AtMost: ExportPage,
	})
	if err != nil {
		return nil, fmt.Errorf("take owners out: %w", err)
	}
	owners := make([]Owner, len(rows))
	for i, row := range rows {
		owners[i] = Owner{
			ID: row.OwnerID, Code: row.Code, Name: row.FullName, Phone: row.Phone, SecondPhone: value(row.SecondPhone),
			ChannelID: int(value(row.ChannelID)), Note: value(row.Note),
			RegisteredAt: row.RegisteredAt.UTC(), RegisteredBy: value(row.RegisteredByName),
		}
	}
	return owners, nil
}

// ExportPets returns all pets of the owners after one and up to another, which are best those of a page, with their owners.
func (r *Registry) ExportPets(ctx context.Context, by staff.Member, after, last int64) ([]PetCard, error) {
	if !by.May(staff.RightExportRegistry) {
		return nil, staff.ErrNotAllowed
	}
	rows, err := r.query.PetsExport(ctx, by.Scope(r.db), db.PetsExportParams{
		ClinicID: by.ClinicID, AfterOwner: after, LastOwner: last,
	})
	if err != nil {
		return nil, fmt.Errorf("take pets out: %w", err)
	}
	pets := make([]PetCard, len(rows))
	for i, row := range rows {
		pets[i] = PetCard{
			Pet: Pet{
				ID: row.PetID, Code: row.Code, Name: row.Name, SpeciesID: int(row.SpeciesID),
				Birth: Birth{Date: value(row.BirthDate), Precision: Precision(value(row.BirthPrecision))},
				Alert: value(row.Alert), DeceasedOn: value(row.DeceasedOn),
			},
			Sex: Sex(value(row.Sex)), Neutered: neuteredOf(row.Neutered), Breed: value(row.Breed), Colour: value(row.Colour),
			Microchip: value(row.Microchip), WeightGrams: int(value(row.WeightGrams)), Note: value(row.Note),
			RegisteredAt: row.RegisteredAt.UTC(), RegisteredBy: value(row.RegisteredByName),
			Owner: OwnerLine{ID: row.OwnerID, Code: row.OwnerCode, Name: row.OwnerName, Phone: row.OwnerPhone},
		}
	}
	return pets, nil
}
