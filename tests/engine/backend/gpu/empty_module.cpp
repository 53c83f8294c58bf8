// A library that is no module of Ponder.
extern "C" int somethingElse();
int somethingElse()
{
    return 0;
}
