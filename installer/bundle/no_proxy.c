/* Stands in for libproxy in the portable bundle. Qt Qml links Qt Network, which links libproxy, which would bring
   curl, GnuTLS and ten more libraries along. Ponder opens no connection, so nobody asks which proxy one takes. */
void* px_proxy_factory_new(void);
char** px_proxy_factory_get_proxies(void* self, const char* url);
void px_proxy_factory_free(void* self);

void* px_proxy_factory_new(void)
{
    return 0;
}

char** px_proxy_factory_get_proxies(void* self, const char* url)
{
    (void)self;
    (void)url;
    return 0;
}

void px_proxy_factory_free(void* self)
{
    (void)self;
}
