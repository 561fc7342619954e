// SQLite's own cache of pages, without the walk over all of it that each commit takes: at a commit SQLite drops what lies behind the
// end of the file, of which there is nothing, and then looks for it everywhere, because splitting a page parks one for a moment under
// a number far behind the end (PENDING_BYTE_PAGE), and its cache remembers the highest number it ever had.
#pragma once

namespace schotvrij::store {

// For all connections that are opened from now on. Before the library is in use.
void ConfigurePageCache();

}  // namespace schotvrij::store
