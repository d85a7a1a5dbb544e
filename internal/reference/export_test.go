package reference

import "time"

// Patient has a reference wait for Redis as long as a busy machine may take.
func Patient(r *Reference) *Reference {
	if r.cache != nil {
		r.cache.patience = 2 * time.Second
	}
	return r
}
