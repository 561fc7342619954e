#include "gateway/store/page_cache.h"

#include <sqlite3.h>

#include <new>

#include "gateway/store/highest_key.h"

namespace schotvrij::store {
namespace {

using Methods = sqlite3_pcache_methods2;

Methods below;

struct PageCache {
  sqlite3_pcache* below;
  HighestKey highest;
};

PageCache* Of(sqlite3_pcache* cache) { return reinterpret_cast<PageCache*>(cache); }

sqlite3_pcache* Create(int page_size, int extra_size, int purgeable) {
  sqlite3_pcache* const made = below.xCreate(page_size, extra_size, purgeable);
  if (made == nullptr) return nullptr;
  auto* const cache = new (std::nothrow) PageCache{made, {}};
  if (cache == nullptr) below.xDestroy(made);
  return reinterpret_cast<sqlite3_pcache*>(cache);
}

void Destroy(sqlite3_pcache* cache) {
  below.xDestroy(Of(cache)->below);
  delete Of(cache);
}

void SetSize(sqlite3_pcache* cache, int pages) { below.xCachesize(Of(cache)->below, pages); }
int PageCount(sqlite3_pcache* cache) { return below.xPagecount(Of(cache)->below); }
void Shrink(sqlite3_pcache* cache) { below.xShrink(Of(cache)->below); }
void Unpin(sqlite3_pcache* cache, sqlite3_pcache_page* page, int discard) { below.xUnpin(Of(cache)->below, page, discard); }

sqlite3_pcache_page* Fetch(sqlite3_pcache* cache, unsigned key, int create) {
  if (create != 0) Of(cache)->highest.Added(key);
  return below.xFetch(Of(cache)->below, key, create);
}

void Rekey(sqlite3_pcache* cache, sqlite3_pcache_page* page, unsigned from, unsigned to) {
  Of(cache)->highest.Moved(from, to);
  below.xRekey(Of(cache)->below, page, from, to);
}

void Truncate(sqlite3_pcache* cache, unsigned limit) {
  if (!Of(cache)->highest.Reaches(limit)) return;
  Of(cache)->highest.Truncated(limit);
  below.xTruncate(Of(cache)->below, limit);
}

}  // namespace

void ConfigurePageCache() {
  if (sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &below) != SQLITE_OK) return;
  Methods methods = below;
  methods.xCreate = Create;
  methods.xDestroy = Destroy;
  methods.xCachesize = SetSize;
  methods.xPagecount = PageCount;
  methods.xShrink = Shrink;
  methods.xUnpin = Unpin;
  methods.xFetch = Fetch;
  methods.xRekey = Rekey;
  methods.xTruncate = Truncate;
  sqlite3_config(SQLITE_CONFIG_PCACHE2, &methods);
}

}  // namespace schotvrij::store
